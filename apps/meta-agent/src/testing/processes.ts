import { readdirSync, readFileSync } from 'node:fs';

/** Processes that a process has started, and theirs, by the system's table. Tests on Linux only. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const child = Number(entry);
    const parent = Number.isInteger(child) ? parentOf(child) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const found: number[] = [];
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const own = children.get(next) ?? [];
    found.push(...own);
    waiting.push(...own);
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    // The name in parentheses may hold anything, spaces too.
    const [, state = '', parent = ''] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    // A process that has ended and is not reaped yet does nothing any more.
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}
