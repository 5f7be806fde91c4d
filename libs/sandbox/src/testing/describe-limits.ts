import { describe, expect, it } from 'vitest';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import type { Run } from './describe-execution.js';

const Status = {
  exited: ExecutionStatus.EXECUTION_STATUS_EXITED,
  wall: ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT,
  cpu: ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT,
  memory: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  output: ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT,
};
const MIB = 1024 * 1024;

/** Each limit of a program, gone beyond on purpose. */
export function describeLimits(run: Run): void {
  describe('limits', () => {
    it('end a program that sleeps, even one that ignores signals', async () => {
      const source = [
        'import signal, time',
        'for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)',
        'while True: time.sleep(9)',
      ].join('\n');
      const result = await run(source, { limits: { wallMs: 300 } });
      expect(result.status).toBe(Status.wall);
      expect(result.wallMs).toBeGreaterThanOrEqual(300);
      expect(result.wallMs).toBeLessThan(800);
    });

    it('end a program that stops itself', async () => {
      const result = await run('import os, signal\nos.kill(0, signal.SIGSTOP)', {
        limits: { wallMs: 300 },
      });
      expect(result.status).toBe(Status.wall);
    });

    it('count the CPU time of all processes together', async () => {
      const source = 'import os\nos.fork(); os.fork()\nwhile True: pass';
      const result = await run(source, { limits: { cpuMs: 400, wallMs: 5000 } });
      expect(result.status).toBe(Status.cpu);
      expect(result.cpuMs).toBeGreaterThanOrEqual(400);
      expect(result.cpuMs).toBeLessThan(1200);
    });

    it('end a memory bomb, one big or many small', async () => {
      const limits = { memoryBytes: 96 * MIB };
      const big = await run('x = bytearray(1 << 30)', { limits });
      expect(big.status).toBe(Status.memory);
      const growing = await run('x = []\nwhile True: x.append("y" * 100000 + str(len(x)))', {
        limits,
      });
      expect(growing.status).toBe(Status.memory);
      const shared = 'import mmap\nm = mmap.mmap(-1, 1 << 29)\nfor i in range(0, 1 << 29, 4096): m[i] = 1';
      expect((await run(shared, { limits })).status).toBe(Status.memory);
      const many = [
        'import os, time',
        'for _ in range(16):',
        '    if os.fork() == 0:',
        '        x = bytearray(os.urandom(1 << 20) * 20)',
        '        time.sleep(5)',
        'time.sleep(5)',
      ].join('\n');
      const spread = await run(many, { limits });
      expect(spread.status).toBe(Status.memory);
      expect(spread.peakMemoryBytes).toBeLessThan(BigInt(200 * MIB));
    });

    it('stop a fork bomb at the number of processes', async () => {
      const source = [
        'import os, time',
        'made = 0',
        'try:',
        '    while made < 500:',
        '        if os.fork() == 0: time.sleep(60)',
        '        made += 1',
        'except OSError: pass',
        'print(made)',
      ].join('\n');
      const result = await run(source, { limits: { processes: 20 } });
      expect(result.status).toBe(Status.exited);
      expect(Number(result.stdout)).toBe(19);
      const wild = await run('import os\nwhile True:\n    try: os.fork()\n    except OSError: pass', {
        limits: { processes: 30, wallMs: 1000, cpuMs: 10_000 },
      });
      expect(wild.status).toBe(Status.wall);
    });

    it('count the processes of one program alone', async () => {
      const source = [
        'import os, time',
        'made = 0',
        'try:',
        '    while made < 100:',
        '        if os.fork() == 0: time.sleep(60)',
        '        made += 1',
        'except OSError: pass',
        'time.sleep(0.3); print(made)',
      ].join('\n');
      const both = await Promise.all([1, 2].map(() => run(source, { limits: { processes: 20 } })));
      expect(both.map(({ stdout }) => stdout.toString())).toEqual(['19\n', '19\n']);
    });

    it('keep the first bytes of a flood, flag the rest, and end it beyond the hard limit', async () => {
      const flood = await run('import os\nwhile True: os.write(1, b"x" * 65536)', {
        limits: { outputBytes: 10_000 },
      });
      expect(flood).toMatchObject({ status: Status.output, stdoutTruncated: true, stderrTruncated: false });
      expect(flood.stdout.length).toBe(10_000);
      expect(flood.cpuMs).toBeGreaterThanOrEqual(0);
      const some = await run('import sys\nsys.stderr.write("y" * 20000)', {
        limits: { outputBytes: 10_000 },
      });
      expect(some).toMatchObject({ status: Status.exited, stderrTruncated: true });
      expect(some.stderr.length).toBe(10_000);
    });

    it('fill the disk for the program alone', async () => {
      const source = [
        'n = 0',
        'try:',
        '    with open("big", "wb", 0) as file:',
        '        while True: n += file.write(b"x" * 65536)',
        'except OSError as error: print(error.errno, n // 65536)',
      ].join('\n');
      const result = await run(source, { limits: { diskBytes: 4 * MIB } });
      expect(result.stdout.toString()).toMatch(/^(27|28) 6[0-4]\n$/); // EFBIG or ENOSPC
    });
  });
}
