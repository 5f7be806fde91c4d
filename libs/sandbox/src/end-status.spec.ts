import { describe, expect, it } from 'vitest';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { endStatus, type EndFacts } from './end-status.js';
import type { ProgramEnd } from './ports.js';

function statusOf(end: Partial<ProgramEnd>, facts: Partial<EndFacts> = {}) {
  const whole: ProgramEnd = {
    ...{
      reason: 'exit',
      code: 0,
      cpuMs: 0,
      wallMs: 0,
      setupMs: 0,
      peakMemoryBytes: 0,
      outputFiles: [],
      message: '',
      isolation: '',
    },
    ...end,
  };
  return endStatus(whole, {
    ...{ language: 'python', stderr: Buffer.alloc(0), flooded: false, cancelled: false },
    ...facts,
  });
}

describe('endStatus', () => {
  it.each([
    ['wall', ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT],
    ['cpu', ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT],
    ['memory', ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY],
    ['refused', ExecutionStatus.EXECUTION_STATUS_REJECTED],
    ['lost', ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR],
    ['killed', ExecutionStatus.EXECUTION_STATUS_CANCELLED],
  ] as const)('says what %s means', (reason, status) => {
    expect(statusOf({ reason, code: -9 })).toEqual({ status, exitCode: 0, signal: '' });
  });

  it('keeps exit codes and names signals', () => {
    expect(statusOf({ code: 3 })).toMatchObject({
      status: ExecutionStatus.EXECUTION_STATUS_EXITED,
      exitCode: 3,
    });
    expect(statusOf({ code: -11 })).toMatchObject({
      ...{ status: ExecutionStatus.EXECUTION_STATUS_SIGNALED, exitCode: 0, signal: 'SIGSEGV' },
    });
    expect(statusOf({ code: -40 }).signal).toBe('SIG40');
  });

  it('puts the output limit and a cancel before what they caused', () => {
    expect(statusOf({ reason: 'stopped' }, { flooded: true }).status).toBe(
      ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT,
    );
    expect(statusOf({ reason: 'killed' }, { flooded: true, cancelled: true }).status).toBe(
      ExecutionStatus.EXECUTION_STATUS_CANCELLED,
    );
  });

  it("reads a refused allocation from a program's last words, and only there", () => {
    const oom = ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY;
    const stderr = (text: string) => ({ stderr: Buffer.from(text) });
    expect(statusOf({ code: 1 }, stderr('Traceback …\nMemoryError\n')).status).toBe(oom);
    expect(statusOf({ code: 1 }, stderr('MemoryError: cannot allocate\n')).status).toBe(oom);
    expect(statusOf({ code: 0 }, stderr('MemoryError\n')).status).not.toBe(oom);
    expect(statusOf({ code: 1 }, stderr('MemoryError\nValueError: x\n')).status).not.toBe(oom);
    const node = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';
    expect(statusOf({ code: -6 }, { language: 'javascript', ...stderr(node) }).status).toBe(oom);
    expect(statusOf({ code: 0 }, { language: 'javascript', ...stderr(node) }).status).not.toBe(oom);
  });
});
