import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Contents of a file below /proc; empty when the process is gone. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Ids of a process's children, and of theirs. */
export function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Whether a process is there, and not a zombie. */
export function isRunning(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(read(`/proc/${pid}/status`));
}

/** Name of a process's program. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Memory that a process has now. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]) * 1024;
}

/** Places where this machine has something mounted, but for those of daemons that other tests run. */
export function mounts(): string[] {
  const places = read('/proc/self/mounts')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return places.filter((place) => !place.includes('/flow-dockerd-'));
}

/** Ids of the processes of this machine whose command line holds a text, words apart by single spaces. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').includes(text))
    .map(Number)
    .filter(isRunning);
}

/** Names in the folder for temporary files that begin as ours, or a jail's, do. */
export function temporaryFiles(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^(bwrap|jail|flow-jail)/.test(name));
}
