import { FlowError } from '@flowreasoner/rpc';

/** The system's own code in an error or in what caused it, such as `ENOSPC`. */
function systemCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const code: unknown = Reflect.get(cause, 'code');
    if (typeof code === 'string') return code;
  }
  return undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Turns what a database threw while reading or writing into a FlowError. */
export function toStoreError(error: unknown): FlowError {
  if (error instanceof FlowError) return error;
  const code = systemCode(error);
  const text = textOf(error);
  // 53100 is Postgres' disk_full.
  if (code === 'ENOSPC' || code === '53100' || /no space left/i.test(text)) {
    return new FlowError('UNAVAILABLE', 'STORE_FULL', 'The disk that holds the runs is full.', {
      cause: error,
      hint: 'Free some space and try again; what was written before is kept.',
    });
  }
  // 25006 is Postgres' read_only_sql_transaction.
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code === '25006') {
    return new FlowError('UNAVAILABLE', 'STORE_READ_ONLY', 'The store of runs can not be written to.', {
      cause: error,
      hint: 'Make the data folder writable for this user, or name another one.',
    });
  }
  return new FlowError('UNAVAILABLE', 'STORE_FAILED', `The store of runs failed: ${text}`, {
    cause: error,
    hint: 'Try again; if it stays, look at the database.',
  });
}

/** Turns what was thrown while opening an embedded store's folder into a FlowError. */
export function toOpenError(error: unknown, folder: string): FlowError {
  const known = toStoreError(error);
  if (known.reason !== 'STORE_FAILED') return known;
  const code = systemCode(error);
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new FlowError('FAILED_PRECONDITION', 'STORE_NO_FOLDER', `${folder} is not a folder.`, {
      cause: error,
      hint: 'Name another data folder, or move that file away.',
    });
  }
  return new FlowError(
    'DATA_LOSS',
    'STORE_CORRUPT',
    `The store in ${folder} can not be opened: ${textOf(error)}`,
    {
      cause: error,
      hint: `Move ${folder} away to start with an empty store; its runs can't be read.`,
    },
  );
}
