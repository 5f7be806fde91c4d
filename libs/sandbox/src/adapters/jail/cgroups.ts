import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramLimits } from '../../ports.js';
import { makeInterpreterGroup } from './interpreter-cgroup.js';

const PARENT = 'flowreasoner-sandbox';
const REMOVE_ATTEMPTS = 250;
const REMOVE_PAUSE_MS = 4;

/** One execution's control group. */
export interface ExecutionCgroup {
  /** Moves a process in; its later children are born inside. */
  add(pid: number): void;
  /** Whether the kernel killed something here for memory. */
  memoryLimitHit(): boolean;
  /** Greatest memory charged, bytes; 0 when unknown. */
  peakBytes(): number;
  /** Removes the group; its processes must have ended. */
  remove(): Promise<void>;
}

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
}

/** A place in the cgroup tree where this process can make groups. */
export interface CgroupHost {
  /** "cgroup v1" or "cgroup v2". */
  readonly version: string;
  /** Makes a group with the limits. Throws when the kernel refuses. */
  create(limits: ProgramLimits): ExecutionCgroup;
  /** Makes a group that programs use one after another. Throws when the kernel refuses. */
  createForInterpreter(): InterpreterCgroup;
}

/** Files of the two versions that are used here. */
export interface CgroupLayout {
  readonly version: string;
  /** Folders of the controllers: memory and pids (one and the same in v2). */
  readonly memory: string;
  readonly pids: string;
  /** All of them, each once. */
  readonly folders: readonly string[];
  readonly memoryLimit: string;
  readonly swapLimit: { readonly file: string; readonly value: 'limit' | 'zero' };
  readonly usage: string;
  readonly peak: string;
  readonly events: string;
}

/**
 * Finds a writable place for groups with memory and process limits, and removes
 * what an earlier, killed service left there.
 *
 * @param root where cgroups are mounted
 * @param membership contents of /proc/self/cgroup
 */
export function findCgroupHost(
  root = '/sys/fs/cgroup',
  membership = readOr('/proc/self/cgroup', ''),
): CgroupHost | undefined {
  const layout = v1Layout(root, membership) ?? v2Layout(root, membership);
  if (layout === undefined) return undefined;
  for (const folder of new Set([layout.memory, layout.pids])) sweep(folder);
  let counter = 0;
  return {
    version: layout.version,
    create: (limits) => makeGroup(layout, `${process.pid}-${(counter += 1)}`, limits),
    createForInterpreter: () => makeInterpreterGroup(layout, `interpreter-${process.pid}-${(counter += 1)}`),
  };
}

function v1Layout(root: string, membership: string): CgroupLayout | undefined {
  const memory = v1Folder(root, membership, 'memory');
  const pids = v1Folder(root, membership, 'pids');
  if (memory === undefined || pids === undefined) return undefined;
  return {
    version: 'cgroup v1',
    memory,
    pids,
    folders: [...new Set([memory, pids])],
    memoryLimit: 'memory.limit_in_bytes',
    swapLimit: { file: 'memory.memsw.limit_in_bytes', value: 'limit' },
    usage: 'memory.usage_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
  };
}

function v1Folder(root: string, membership: string, controller: string): string | undefined {
  const line = membership.split('\n').find((text) => text.split(':')[1]?.split(',').includes(controller));
  if (line === undefined) return undefined;
  const own = join(root, controller, line.split(':').slice(2).join(':'));
  for (const base of [own, join(root, controller)]) {
    const folder = makeParent(base);
    if (folder !== undefined) return folder;
  }
  return undefined;
}

function v2Layout(root: string, membership: string): CgroupLayout | undefined {
  const path = /^0::(.*)$/m.exec(membership)?.[1];
  if (path === undefined || !existsSync(join(root, 'cgroup.controllers'))) return undefined;
  const base = join(root, path);
  if (!enablesControllers(base)) return undefined;
  const folder = makeParent(base);
  if (folder === undefined || !enablesControllers(folder)) return undefined;
  return {
    version: 'cgroup v2',
    memory: folder,
    pids: folder,
    folders: [folder],
    memoryLimit: 'memory.max',
    swapLimit: { file: 'memory.swap.max', value: 'zero' },
    usage: 'memory.current',
    peak: 'memory.peak',
    events: 'memory.events',
  };
}

/** Whether children of a v2 group have the memory and pids controllers, after trying to give them. */
function enablesControllers(folder: string): boolean {
  const file = join(folder, 'cgroup.subtree_control');
  const enabled = (): boolean => {
    const names = readOr(file, '').split(/\s+/);
    return names.includes('memory') && names.includes('pids');
  };
  if (enabled()) return true;
  try {
    writeFileSync(file, '+memory +pids');
  } catch {
    return false;
  }
  return enabled();
}

function makeParent(base: string): string | undefined {
  const folder = join(base, PARENT);
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    const probe = join(folder, `${process.pid}-probe`);
    mkdirSync(probe);
    rmdirSync(probe);
    return folder;
  } catch {
    return undefined;
  }
}

/** Removes groups of services that are gone. A group with processes can't be removed and stays. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^(?:interpreter-)?(\d+)-\w+$/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    try {
      rmdirSync(join(folder, name));
    } catch {
      // Its processes are about to die with the service that is gone.
    }
  }
}

function makeGroup(layout: CgroupLayout, name: string, limits: ProgramLimits): ExecutionCgroup {
  const memory = join(layout.memory, name);
  const pids = join(layout.pids, name);
  const folders = [...new Set([memory, pids])];
  for (const folder of folders) mkdirSync(folder);
  writeFileSync(join(memory, layout.memoryLimit), String(limits.memoryBytes));
  try {
    const value = layout.swapLimit.value === 'limit' ? limits.memoryBytes : 0;
    writeFileSync(join(memory, layout.swapLimit.file), String(value));
  } catch {
    // Machines without swap accounting have no such file.
  }
  // The jail's first process is ours and counts too.
  writeFileSync(join(pids, 'pids.max'), String(limits.processes + 1));
  return {
    add: (pid) => {
      for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    },
    memoryLimitHit: () => /^oom_kill [1-9]/m.test(readOr(join(memory, layout.events), '')),
    peakBytes: () => Number(readOr(join(memory, layout.peak), '0').trim()) || 0,
    remove: () => removeGroups(folders),
  };
}

/** Removes groups whose processes have ended: the kernel lets go of those a little after they are gone. */
export async function removeGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
      try {
        rmdirSync(folder);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') break;
        await sleep(REMOVE_PAUSE_MS);
      }
    }
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
