import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../limits.js';
import { findCgroupHost } from './cgroups.js';

const LIMITS = { ...DEFAULT_LIMITS, memoryBytes: 1000, processes: 4 };
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroups-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('cgroup v1', () => {
  const membership = '3:memory:/own\n2:cpu,pids:/\n0::/\n';

  it("makes groups below the service's own, with limits, and finds what was hit", () => {
    for (const folder of ['memory/own', 'pids']) mkdirSync(join(root, folder), { recursive: true });
    const host = findCgroupHost(root, membership);
    expect(host?.version).toBe('cgroup v1');
    const group = host?.create(LIMITS);
    const memory = join(root, 'memory/own/flowreasoner-sandbox', `${process.pid}-1`);
    const pids = join(root, 'pids/flowreasoner-sandbox', `${process.pid}-1`);
    expect(readFileSync(join(memory, 'memory.limit_in_bytes'), 'utf8')).toBe('1000');
    expect(readFileSync(join(pids, 'pids.max'), 'utf8')).toBe('5');
    group?.add(77);
    expect(readFileSync(join(pids, 'cgroup.procs'), 'utf8')).toBe('77');
    expect(group?.memoryLimitHit()).toBe(false);
    writeFileSync(join(memory, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n');
    writeFileSync(join(memory, 'memory.max_usage_in_bytes'), '900\n');
    expect(group?.memoryLimitHit()).toBe(true);
    expect(group?.peakBytes()).toBe(900);
  });

  it('is not used where its folders are missing', () => {
    expect(findCgroupHost(root, membership)).toBeUndefined();
  });

  it('removes groups that a service which is gone left behind', () => {
    for (const folder of ['memory/own/flowreasoner-sandbox/4194305-1', 'pids/flowreasoner-sandbox/1-1']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    findCgroupHost(root, membership);
    expect(readdirSync(join(root, 'memory/own/flowreasoner-sandbox'))).toEqual([]);
    expect(existsSync(join(root, 'pids/flowreasoner-sandbox/1-1'))).toBe(true);
  });
});

describe('cgroup v2', () => {
  it('is used only where the controllers are handed on', () => {
    const own = join(root, 'user/service');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
    writeFileSync(join(own, 'cgroup.subtree_control'), 'cpu memory pids\n');
    // A plain folder has no subtree_control of its own until it is written.
    expect(findCgroupHost(root, '0::/user/service\n')?.version).toBeUndefined();
    mkdirSync(join(own, 'flowreasoner-sandbox'), { recursive: true });
    writeFileSync(join(own, 'flowreasoner-sandbox/cgroup.subtree_control'), 'cpu memory pids\n');
    const host = findCgroupHost(root, '0::/user/service\n');
    expect(host?.version).toBe('cgroup v2');
    host?.create(LIMITS);
    const group = join(own, 'flowreasoner-sandbox', `${process.pid}-1`);
    expect(readFileSync(join(group, 'memory.max'), 'utf8')).toBe('1000');
    expect(readFileSync(join(group, 'memory.swap.max'), 'utf8')).toBe('0');
    expect(readFileSync(join(group, 'pids.max'), 'utf8')).toBe('5');
  });
});
