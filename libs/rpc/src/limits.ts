/** Largest message of clients and servers that are not told otherwise, in bytes. */
export const defaultMaxMessageBytes = 4 * 1024 * 1024;

/** Time for calls that are given none, by clients and servers that are not told otherwise, in milliseconds. */
export const defaultCallDeadlineMs = 60_000;
