import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

const ROOT = '/sys/fs/cgroup/cpuacct';

/**
 * Counts the CPU time of this process and of all that it starts from now on, in
 * milliseconds. Unlike throughput it hardly depends on what else the machine
 * does. It takes root and a cpuacct hierarchy (cgroup v1); `read` gives NaN
 * without them.
 */
export function openCpuMeter() {
  const group = `${ROOT}/flow-bench-${process.pid}`;
  if (process.getuid?.() !== 0 || !existsSync(`${ROOT}/cpuacct.usage`)) {
    return { read: () => NaN, close: () => undefined };
  }
  mkdirSync(group);
  writeFileSync(`${group}/cgroup.procs`, String(process.pid));
  return {
    read: () => Number(readFileSync(`${group}/cpuacct.usage`, 'utf8')) / 1e6,
    close: () => {
      writeFileSync(`${ROOT}/cgroup.procs`, String(process.pid));
      try {
        rmdirSync(group);
      } catch {
        // What was started last is still ending.
      }
    },
  };
}
