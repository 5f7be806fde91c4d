import { Language, type Execution, type File } from '@flowreasoner/contracts/sandbox';
import type { TenantBlobs } from './blobs/blob-store.js';
import { effectiveLimits } from './limits.js';
import type { Program, ProgramFile, ProgramLanguage, ProgramLimits } from './ports.js';

/** Sizes and counts that a request must keep. Bytes where not said otherwise. */
const REQUEST_BOUNDS = {
  source: 1024 * 1024,
  stdin: 8 * 1024 * 1024,
  args: 64,
  argument: 4096,
  variables: 64,
  variable: 4096,
  files: 64,
  filesTotal: 16 * 1024 * 1024,
  path: 255,
} as const;

/** What reading a request gives: a program, or one sentence that says why not. */
export type ProgramReading =
  | { readonly ok: true; readonly program: Program; readonly stdin: Uint8Array }
  | { readonly ok: false; readonly message: string };

/** Limits and languages that requests are read against. */
export interface ProgramReader {
  readonly languages: readonly ProgramLanguage[];
  readonly maxLimits: ProgramLimits;
  /** Blobs of the caller's tenant. */
  readonly blobs: TenantBlobs;
}

/** Checks an execution of the contract and turns it into a program. */
export function readProgram(execution: Execution, reader: ProgramReader): ProgramReading {
  const language = languageOf(execution.language);
  const problem =
    languageProblem(language, reader.languages) ??
    sourceProblem(execution.source) ??
    tooLarge('stdin', execution.stdin.length, REQUEST_BOUNDS.stdin) ??
    argumentsProblem(execution.args) ??
    environmentProblem(execution.env) ??
    outputFilesProblem(execution.outputFiles);
  if (problem !== undefined) return { ok: false, message: problem };
  const files = readFiles(execution.files, reader.blobs);
  if (!files.ok) return files;
  const program: Program = {
    language: language as ProgramLanguage,
    source: execution.source,
    args: execution.args,
    env: execution.env,
    files: files.files,
    outputFiles: execution.outputFiles,
    limits: effectiveLimits(execution.limits, reader.maxLimits),
    channel: false,
  };
  return { ok: true, program, stdin: execution.stdin };
}

/** The contract's language as the backends name it; undefined for one that we don't know. */
export function languageOf(language: Language): ProgramLanguage | undefined {
  switch (language) {
    case Language.LANGUAGE_UNSPECIFIED:
    case Language.LANGUAGE_PYTHON:
      return 'python';
    case Language.LANGUAGE_JAVASCRIPT:
      return 'javascript';
    default:
      return undefined;
  }
}

/** Why bytes can't be a program's source; undefined when they can. */
export function sourceProblem(source: Uint8Array): string | undefined {
  const large = tooLarge('source', source.length, REQUEST_BOUNDS.source);
  if (large !== undefined) return large;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(source);
    return undefined;
  } catch {
    return 'source is not UTF-8';
  }
}

function languageProblem(
  language: ProgramLanguage | undefined,
  known: readonly string[],
): string | undefined {
  if (language !== undefined && known.includes(language)) return undefined;
  return `the language ${language ?? 'asked for'} is not available; available: ${known.join(', ')}`;
}

function tooLarge(what: string, size: number, limit: number): string | undefined {
  return size <= limit ? undefined : `${what} has ${size} bytes; the limit is ${limit}`;
}

function tooMany(what: string, count: number, limit: number): string | undefined {
  return count <= limit ? undefined : `${count} ${what} were given; the limit is ${limit}`;
}

function argumentsProblem(args: readonly string[]): string | undefined {
  for (const [index, text] of args.entries()) {
    if (text.includes('\0')) return `args[${index}] holds a NUL byte`;
    const large = tooLarge(`args[${index}]`, Buffer.byteLength(text), REQUEST_BOUNDS.argument);
    if (large !== undefined) return large;
  }
  return tooMany('args', args.length, REQUEST_BOUNDS.args);
}

function environmentProblem(env: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(name)) {
      return `the environment variable ${JSON.stringify(name.slice(0, 80))} does not match [A-Z][A-Z0-9_]{0,63}`;
    }
    if (value.includes('\0')) return `env.${name} holds a NUL byte`;
    const large = tooLarge(`env.${name}`, Buffer.byteLength(value), REQUEST_BOUNDS.variable);
    if (large !== undefined) return large;
  }
  return tooMany('environment variables', Object.keys(env).length, REQUEST_BOUNDS.variables);
}

/** What reading a request's files gives: files, or one sentence that says why not. */
export type FilesReading =
  | { readonly ok: true; readonly files: ProgramFile[] }
  | { readonly ok: false; readonly message: string; readonly missingBlob?: true };

/** Checks files of the contract and finds the blobs that they name. */
export function readFiles(listed: readonly File[], blobs: TenantBlobs): FilesReading {
  const files = new Map<string, ProgramFile>();
  let total = 0;
  for (const { path, content } of listed) {
    const problem = pathProblem(path) ?? (files.has(path) ? `the file ${path} is given twice` : undefined);
    if (problem !== undefined) return { ok: false, message: problem };
    const data = content?.$case === 'blobSha256' ? blobs.get(content.value) : content?.value;
    if (content?.$case === 'blobSha256' && data === undefined) {
      const message = `the file ${path} names a blob that is not there: put it, or put it again`;
      return { ok: false, message, missingBlob: true };
    }
    total += data?.length ?? 0;
    files.set(path, { path, data: data ?? new Uint8Array() });
  }
  const problem =
    tooMany('files', listed.length, REQUEST_BOUNDS.files) ??
    tooLarge('files together', total, REQUEST_BOUNDS.filesTotal);
  return problem === undefined ? { ok: true, files: [...files.values()] } : { ok: false, message: problem };
}

function outputFilesProblem(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const problem = pathProblem(path);
    if (problem !== undefined) return problem;
  }
  return tooMany('output files', paths.length, REQUEST_BOUNDS.files);
}

/** Why a path is not a relative path below the work directory; undefined when it is one. */
function pathProblem(path: string): string | undefined {
  const shown = JSON.stringify(path.slice(0, 80));
  if (Buffer.byteLength(path) > REQUEST_BOUNDS.path) return `the path ${shown}… is longer than 255 bytes`;
  if (path.includes('\0')) return `the path ${shown} holds a NUL byte`;
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return `the path ${shown} is not a plain relative path`;
  }
  return undefined;
}
