import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramLimits } from '../../ports.js';
import { removeGroups, removeGroupsNow, type CgroupLayout } from './cgroup-layout.js';

/** The control group of an interpreter and of whatever program it runs, one after another. */
export interface InterpreterCgroup {
  /** Moves a process in; its later children are born inside. */
  add(pid: number): void;
  /** Sets a program's limits, on top of what the interpreter itself uses, and begins to measure. */
  begin(limits: ProgramLimits): void;
  /** Whether the kernel killed something here for memory since `begin`. */
  memoryLimitHit(): boolean;
  /** Greatest memory charged since `begin`, bytes; 0 when unknown. */
  peakBytes(): number;
  /** Removes the group; its processes must have ended. */
  remove(): Promise<void>;
  /** The same for a service that is about to end. */
  removeNow(): void;
}

/** What an interpreter may come to use beyond what it used at first. */
const BASELINE_SLACK_BYTES = 2 * 1024 * 1024;

/** Files of a group that stay open: they are read and written around every program. */
interface OpenFiles {
  readonly limit: number;
  readonly swap: number | undefined;
  readonly usage: number;
  readonly peak: number | undefined;
  readonly events: number;
  readonly pids: number;
}

/** Makes the control group of an interpreter. Throws when the kernel refuses. */
export function makeInterpreterGroup(layout: CgroupLayout, name: string): InterpreterCgroup {
  const folders = layout.folders.map((folder) => join(folder, name));
  for (const folder of folders) mkdirSync(folder);
  const memory = join(layout.memory, name);
  const files: OpenFiles = {
    limit: openSync(join(memory, layout.memoryLimit), 'w'),
    swap: openIfThere(join(memory, layout.swapLimit.file)),
    usage: openSync(join(memory, layout.usage), 'r'),
    peak: openIfThere(join(memory, layout.peak)),
    events: openSync(join(memory, layout.events), 'r'),
    pids: openSync(join(layout.pids, name, 'pids.max'), 'w'),
  };
  let baseline: number | undefined;
  let memoryBytes = 0;
  let processes = 0;
  let kills = 0;
  let measures = false;
  return {
    add: (pid) => {
      for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    },
    begin: (limits: ProgramLimits) => {
      baseline ??= readNumber(files.usage) + BASELINE_SLACK_BYTES;
      if (limits.memoryBytes !== memoryBytes) {
        memoryBytes = limits.memoryBytes;
        setMemoryLimit(layout, files, baseline + memoryBytes);
      }
      if (limits.processes !== processes) {
        processes = limits.processes;
        // The interpreter and init count too.
        writeSync(files.pids, String(processes + 2), 0);
      }
      kills = countKills(files.events);
      measures = restartPeak(files.peak);
    },
    memoryLimitHit: () => countKills(files.events) > kills,
    peakBytes: () =>
      measures && files.peak !== undefined ? Math.max(0, readNumber(files.peak) - (baseline ?? 0)) : 0,
    remove: () => {
      for (const fd of Object.values(files) as (number | undefined)[]) if (fd !== undefined) closeSync(fd);
      return removeGroups(folders);
    },
    removeNow: () => removeGroupsNow(folders),
  };
}

/** In version 1 memory and swap together may never be less than memory alone. */
function setMemoryLimit(layout: CgroupLayout, files: OpenFiles, bytes: number): void {
  const setSwap = (): void => {
    try {
      if (files.swap !== undefined) {
        writeSync(files.swap, String(layout.swapLimit.value === 'limit' ? bytes : 0), 0);
      }
    } catch {
      // Too low for now: it is set once the other one is.
    }
  };
  setSwap();
  writeSync(files.limit, String(bytes), 0);
  setSwap();
}

/** Whether the greatest use counts anew from now on; older kernels can't in version 2. */
function restartPeak(fd: number | undefined): boolean {
  try {
    if (fd !== undefined) writeSync(fd, '0', 0);
    return fd !== undefined;
  } catch {
    return false;
  }
}

const readBuffer = Buffer.alloc(512);

function readText(fd: number): string {
  return readBuffer.toString('latin1', 0, readSync(fd, readBuffer, 0, readBuffer.length, 0));
}

function readNumber(fd: number): number {
  return Number(readText(fd).trim()) || 0;
}

function countKills(fd: number): number {
  return Number(/^oom_kill (\d+)/m.exec(readText(fd))?.[1] ?? 0);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch {
    return undefined;
  }
}
