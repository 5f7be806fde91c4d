import type { EndReason, LauncherEnd, Program, ProgramFile } from '../../ports.js';
import { encodeMessage } from './launcher-channel.js';

/** Total size of files that are returned. */
const OUTPUT_FILES_BYTES = 8 * 1024 * 1024;
const V8_RESERVED_BYTES = 768 * 1024 * 1024;
const MIB = 1024 * 1024;

const FILE_NAMES = { python: 'main.py', javascript: 'main.js' } as const;

/** What a backend adds to a program for the launcher. */
export interface LauncherSetup {
  /** Where the jail has its Node binary; needed for JavaScript only. */
  readonly nodePath: string;
  /** Whether the launcher itself must watch the memory of all processes together. */
  readonly watchMemory: boolean;
}

/** The first message to the launcher: what to run, in the order that `launcher.py` reads it. */
export function launcherRequest(program: Program, setup: LauncherSetup): Buffer {
  const { limits } = program;
  const env = Object.entries(program.env);
  return encodeMessage([
    ...[interpreter(program, setup.nodePath), FILE_NAMES[program.language], program.source],
    ...[limits.wallMs, limits.cpuMs, limits.memoryBytes, dataBytes(program)],
    ...[limits.processes, limits.diskBytes],
    ...[Number(program.channel), Number(setup.watchMemory), OUTPUT_FILES_BYTES],
    ...[program.args.length, ...program.args],
    ...[env.length, ...env.flat()],
    ...[program.files.length, ...program.files.flatMap((file) => [file.path, file.data])],
    ...[program.outputFiles.length, ...program.outputFiles],
  ]);
}

/** The command for other languages, NUL-separated; empty for Python. */
function interpreter(program: Program, nodePath: string): string {
  if (program.language === 'python') return '';
  const heapMib = Math.max(8, Math.floor((program.limits.memoryBytes * 0.75) / MIB));
  return [nodePath, `--max-old-space-size=${heapMib}`, '--no-warnings'].join('\0');
}

/** Greatest private memory of one process. V8 reserves address space that it may never use. */
function dataBytes({ language, limits }: Program): number {
  return limits.memoryBytes + (language === 'javascript' ? V8_RESERVED_BYTES : 0);
}

/** Reads the fields after `end` of the launcher's last message. */
export function readLauncherReport(fields: readonly Buffer[], setupMs: number): LauncherEnd {
  const [reason, code, cpuMs, wallMs, peak, ...outputs] = fields;
  const files: ProgramFile[] = [];
  for (let at = 0; at + 1 < outputs.length; at += 2) {
    files.push({ path: String(outputs[at]), data: outputs[at + 1] as Buffer });
  }
  return {
    reason: String(reason) as EndReason,
    code: Number(code),
    cpuMs: Number(cpuMs),
    wallMs: Number(wallMs),
    setupMs,
    peakMemoryBytes: Number(peak),
    outputFiles: files,
    message: '',
  };
}
