/** Most bytes of a request's body. */
export const MAX_BODY_BYTES = 1_048_576;
/** Most messages in a chat. */
export const MAX_MESSAGES = 256;
/** Most samples of one request. */
export const MAX_SAMPLES = 64;
/** Most stop strings, and the longest in UTF-16 code units. */
export const MAX_STOPS = 16;
export const MAX_STOP_LENGTH = 256;
/** Longest grammar in UTF-16 code units. */
export const MAX_GRAMMAR_LENGTH = 262_144;
