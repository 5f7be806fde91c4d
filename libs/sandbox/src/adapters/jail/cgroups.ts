import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramLimits } from '../../ports.js';
import { removeGroups, type CgroupLayout } from './cgroup-layout.js';
import { makeInterpreterGroup, type InterpreterCgroup } from './interpreter-cgroup.js';

const PARENT = 'flowreasoner-sandbox';

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

/** A place in the cgroup tree where this process can make groups. */
export interface CgroupHost {
  /** "cgroup v1" or "cgroup v2". */
  readonly version: string;
  /** Makes a group with the limits. Throws when the kernel refuses. */
  create(limits: ProgramLimits): ExecutionCgroup;
  /** Makes a group that programs use one after another. Throws when the kernel refuses. */
  createForInterpreter(): InterpreterCgroup;
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
  for (const folder of layout.folders) sweep(folder);
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
  const cpu = v1Folder(root, membership, 'cpu');
  return {
    version: 'cgroup v1',
    memory,
    pids,
    folders: [...new Set([memory, pids, ...(cpu === undefined ? [] : [cpu])])],
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

/**
 * Whether children of a v2 group have the memory and pids controllers, after
 * trying to give them; the CPU controller they get where that is possible.
 */
function enablesControllers(folder: string): boolean {
  const file = join(folder, 'cgroup.subtree_control');
  const has = (...wanted: string[]): boolean => {
    const names = readOr(file, '').split(/\s+/);
    return wanted.every((name) => names.includes(name));
  };
  const give = (controllers: string): void => {
    try {
      writeFileSync(file, controllers);
    } catch {
      // What it has is looked at by the caller.
    }
  };
  if (!has('memory', 'pids')) give('+memory +pids');
  if (!has('memory', 'pids')) return false;
  if (!has('cpu')) give('+cpu');
  return true;
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
  const folders = layout.folders.map((folder) => join(folder, name));
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

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
