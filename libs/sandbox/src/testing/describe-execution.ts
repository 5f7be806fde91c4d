import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ExecutionStatus, VerdictStatus, type ExecutionResult } from '@flowreasoner/contracts/sandbox';
import { execute } from '../execute.js';
import type { RunningProgram, SandboxBackend } from '../ports.js';
import { describeLimits } from './describe-limits.js';
import { functionSuite, gradeOn } from './gradings.js';
import { processesWith, programOf, runIn, type RunOptions } from './jail-runs.js';

const Status = {
  exited: ExecutionStatus.EXECUTION_STATUS_EXITED,
  signaled: ExecutionStatus.EXECUTION_STATUS_SIGNALED,
  memory: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  rejected: ExecutionStatus.EXECUTION_STATUS_REJECTED,
  cancelled: ExecutionStatus.EXECUTION_STATUS_CANCELLED,
};
const MIB = 1024 * 1024;

/** Runs a program on the backend that is described. */
export type Run = (source: string, options?: RunOptions) => Promise<ExecutionResult>;

/**
 * What every backend does for a program, to it, and with it at its end: the same
 * programs and expectations for each.
 *
 * @param backend gives the backend once the tests run
 * @param shown which of a machine's folders programs see there, though they can write nothing in them
 */
export function describeExecution(backend: () => SandboxBackend, shown: readonly string[]): void {
  describe('whatever the backend', () => {
    const run: Run = (source, options) => runIn(backend(), source, options);

    describe('a program', () => {
      it('gets its input, arguments, variables and files, and gives output files back', async () => {
        const result = await run(
          [
            'import os, sys, helper',
            'print(sys.argv[1:], sys.stdin.read(), os.environ["GREETING"], helper.VALUE, __name__)',
            'os.makedirs("out")',
            'open("out/result.txt", "w").write("done")',
            'os.symlink("/etc/passwd", "link"); os.mkfifo("fifo")',
            'sys.stderr.write("to stderr"); sys.exit(7)',
          ].join('\n'),
          {
            args: ['--x', 'y z'],
            stdin: 'input',
            env: { GREETING: 'hello' },
            files: { 'helper.py': 'VALUE = 5' },
            outputFiles: ['out/result.txt', 'link', 'fifo', 'missing'],
          },
        );
        expect(result.stdout.toString()).toBe("['--x', 'y z'] input hello 5 __main__\n");
        expect(result.stderr.toString()).toBe('to stderr');
        expect(result).toMatchObject({
          status: Status.exited,
          exitCode: 7,
          backend: backend().name,
          message: '',
        });
        expect(result.outputFiles).toEqual([
          { path: 'out/result.txt', content: { $case: 'data', value: Buffer.from('done') } },
        ]);
        expect(result.peakMemoryBytes).toBeGreaterThan(BigInt(MIB));
      });

      it('shows a traceback of its own lines only', async () => {
        const result = await run('def f():\n    return 1 / 0\nf()\n');
        expect(result).toMatchObject({ status: Status.exited, exitCode: 1 });
        expect(result.stderr.toString()).toBe(
          'Traceback (most recent call last):\n' +
            '  File "/tmp/work/main.py", line 3, in <module>\n    f()\n' +
            '  File "/tmp/work/main.py", line 2, in f\n    return 1 / 0\n           ~~^~~\n' +
            'ZeroDivisionError: division by zero\n',
        );
      });

      it('runs JavaScript', async () => {
        const source = 'const fs = require("fs"); console.log(fs.readFileSync(0, "utf8"), process.argv[2])';
        const result = await run(source, { language: 'javascript', stdin: 'in', args: ['a'] });
        expect(result.stderr.toString()).toBe('');
        expect(result.stdout.toString()).toBe('in a\n');
        const bomb = await run('const a = []; for (;;) a.push(new Array(1e6).fill(a.length))', {
          language: 'javascript',
          limits: { memoryBytes: 256 * MIB },
        });
        expect(bomb.status).toBe(Status.memory);
      });

      it('is told apart from a signal that it sends itself', async () => {
        const result = await run('import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)');
        expect(result).toMatchObject({ status: Status.signaled, signal: 'SIGSEGV' });
      });

      it('takes sources with NUL bytes and bad encodings as errors of their own', async () => {
        for (const source of ['print(1)\0', '# coding: nonsense\nprint(1)']) {
          expect(await run(source)).toMatchObject({ status: Status.exited, exitCode: 1 });
        }
      });

      it('is refused when its files do not fit on its disk', async () => {
        const result = await run('print(1)', {
          files: { big: 'x'.repeat(MIB) },
          limits: { diskBytes: 128 * 1024 },
        });
        expect(result.status).toBe(Status.rejected);
        expect(result.message).toContain('could not be placed');
      });

      it('carries large inputs and outputs whole', async () => {
        const stdin = 'x'.repeat(6 * MIB);
        const result = await run('import sys\nsys.stdout.write(sys.stdin.read())', {
          stdin,
          limits: { outputBytes: 8 * MIB },
        });
        expect(result.status).toBe(Status.exited);
        expect(result.stdout.toString() === stdin).toBe(true);
      });

      it('is talked with while it runs, and signalled', async () => {
        const source = [
          'import os, signal, sys',
          'signal.signal(signal.SIGUSR1, lambda *_: (os.write(1, b"signalled\\n"), sys.exit(3)))',
          'for line in sys.stdin: print("echo", line.strip(), flush=True)',
          'signal.pause()',
        ].join('\n');
        let running: RunningProgram | undefined;
        const result = await execute({
          backend: backend(),
          program: programOf(source),
          ...{ stdin: Buffer.from('hello\n'), queueMs: 0, signal: new AbortController().signal },
          interactive: {
            onRunning: (program) => (running = program),
            onOutput: (_, chunk) => {
              if (!chunk.includes('echo')) return;
              running?.signal(constants.signals.SIGUSR1);
              running?.closeStdin();
            },
          },
        });
        expect(result.stdout.toString()).toBe('echo hello\nsignalled\n');
        expect(result).toMatchObject({ status: Status.exited, exitCode: 3 });
      });

      it('is graded, with candidate and tests in places of their own', async () => {
        const suite = functionSuite('f', '', ['assert f(1) == 2', 'assert f(2) == 3']);
        const right = await gradeOn(backend(), 'def f(x): return x + 1', suite);
        expect(right).toMatchObject({ status: VerdictStatus.VERDICT_STATUS_PASSED, passed: 2 });
        expect(right.backend).toBe(backend().name);
        const wrong = await gradeOn(backend(), 'def f(x): return 2', suite);
        expect(wrong).toMatchObject({ status: VerdictStatus.VERDICT_STATUS_FAILED, passed: 1, total: 2 });
      });
    });

    describe('its place', () => {
      it('has no network: neither the internet nor a server on this machine', async () => {
        const server = createServer().listen(0, '127.0.0.1');
        await once(server, 'listening');
        const address = server.address();
        const port = typeof address === 'object' ? address?.port : 0;
        const source = [
          'import socket',
          `for address in [("127.0.0.1", ${port}), ("192.0.2.1", 80), ("169.254.169.254", 80)]:`,
          '    try:',
          '        socket.create_connection(address, timeout=0.5); print("reached", address)',
          '    except OSError: print("blocked")',
        ].join('\n');
        const result = await run(source);
        server.close();
        expect(result.stdout.toString()).toBe('blocked\nblocked\nblocked\n');
      });

      it('has a read-only file system but for its work directory and /tmp', async () => {
        const source = [
          'import os',
          'for place in ["/", "/usr", "/usr/bin", "/etc", "/dev", "/proc/sys/kernel", "/lib", "/tmp", "/work"]:',
          '    try:',
          '        open(os.path.join(place, "x"), "w"); print("wrote", place)',
          '    except OSError: pass',
          'print([p for p in ["/root", "/home", "/var", "/sys", "/run", "/etc/shadow"] if os.path.exists(p)])',
        ].join('\n');
        const result = await run(source);
        expect(result.stdout.toString()).toBe(
          `wrote /tmp\nwrote /work\n${JSON.stringify(shown).replaceAll('"', "'")}\n`,
        );
      });

      it("does not hand on the service's environment or descriptors", async () => {
        process.env['FLOW_TEST_SECRET'] = 'do not leak';
        const result = await run(
          'import os\nprint(sorted(os.environ), sorted(map(int, os.listdir("/proc/self/fd"))))',
        );
        delete process.env['FLOW_TEST_SECRET'];
        expect(result.stdout.toString()).toBe(
          "['HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR', 'USER'] [0, 1, 2, 3]\n", // 3 is the listing itself
        );
      });

      it('hides its first process and survives attacks on it', async () => {
        const source = [
          'import os, signal',
          'for sent in signal.valid_signals(): os.kill(1, sent)',
          'for path in ("/proc/1/mem", "/proc/1/environ", "/proc/1/fd/3", "/proc/1/fd/32", "/proc/1/maps"):',
          '    try: open(path, "rb").read(1); print("opened", path)',
          '    except OSError: pass',
          'print("done")',
        ].join('\n');
        const result = await run(source);
        expect(result).toMatchObject({ status: Status.exited, exitCode: 0 });
        expect(result.stdout.toString()).toBe('done\n');
      });

      it('refuses dangerous system calls and leaves ordinary programs alone', async () => {
        const source = [
          'import asyncio, ctypes, multiprocessing, os, socket, subprocess, threading',
          'libc = ctypes.CDLL(None, use_errno=True)',
          'calls = {"ptrace": (101, 0, 0), "unshare": (272, 0x10000000), "keyctl": (250, 0), "bpf": (321, 0, 0, 0),',
          '         "io_uring_setup": (425, 8, 0), "personality": (135, 0), "userfaultfd": (323, 0),',
          '         "memfd_create": (319, b"x", 0), "clone": (56, 0x10000000 | 17, 0, 0, 0, 0)}',
          'for name, call in calls.items():',
          '    if libc.syscall(*call) != -1: print("allowed", name)',
          'for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, 38, 40):',
          '    try: socket.socket(family); print("socket of family", family)',
          '    except OSError: pass',
          'thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()',
          'print(subprocess.run(["/usr/bin/python3", "-c", "print(1)"], capture_output=True).stdout)',
          'async def main(): await asyncio.sleep(0); return "asyncio"',
          'print(asyncio.run(main()))',
          'with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))',
        ].join('\n');
        const result = await run(source);
        expect(result.stdout.toString()).toBe("thread\nb'1\\n'\nasyncio\n[1, 2]\n");
        expect(result.exitCode).toBe(0);
      });

      it('keeps nothing from one execution to the next', async () => {
        await run('open("/tmp/left", "w").write("x"); open("left", "w").write("x")');
        const result = await run(
          'import os\nprint(os.listdir("/tmp"), os.listdir("."), os.listdir("/dev/shm"))',
        );
        expect(result.stdout.toString()).toBe("['work'] ['main.py'] []\n");
      });
    });

    describeLimits(run);

    describe('its end', () => {
      it('takes left-over processes with it, whatever they hold', async () => {
        const mark = `left-over-${randomUUID()}`;
        const source = [
          'import os, sys, time',
          'if os.fork() == 0:',
          '    os.setsid()',
          '    if os.fork() == 0:',
          `        os.execv("/usr/bin/python3", ["python3", "-c", "import time; time.sleep(60)", "${mark}"])`,
          '    os._exit(0)',
          'time.sleep(0.3); print("main ends")',
        ].join('\n');
        const before = performance.now();
        const result = await run(source);
        expect(result.stdout.toString()).toBe('main ends\n');
        expect(performance.now() - before).toBeLessThan(5000);
        expect(processesWith(mark)).toEqual([]);
      });

      it('can come at any moment of its making', async () => {
        for (const delayMs of [0, 5, 30, 120]) {
          const cancel = new AbortController();
          const running = run('import time; time.sleep(9)', { signal: cancel.signal });
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          cancel.abort();
          expect((await running).status).toBe(Status.cancelled);
        }
      });
    });
  });
}
