import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { OWNER_MARK } from './adapters/jail/bwrap-arguments.js';
import type { JailBackend } from './adapters/jail/jail-backend.js';
import { processesWith, realJail, runIn } from './testing/jail-runs.js';

const Status = {
  exited: ExecutionStatus.EXECUTION_STATUS_EXITED,
  signaled: ExecutionStatus.EXECUTION_STATUS_SIGNALED,
  wall: ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT,
  cpu: ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT,
  memory: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  output: ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT,
  cancelled: ExecutionStatus.EXECUTION_STATUS_CANCELLED,
  rejected: ExecutionStatus.EXECUTION_STATUS_REJECTED,
};
const MIB = 1024 * 1024;

describe.each([
  { path: 'a pre-forked interpreter', hot: true },
  { path: 'a jail for each program', hot: false },
])('$path', ({ hot }) => {
  let jail: JailBackend;
  beforeAll(async () => {
    jail = await realJail({ hot });
  });
  afterAll(() => jail.close());

  describe('a program in the jail', () => {
    it('gets its input, arguments, variables and files, and gives output files back', async () => {
      const result = await runIn(
        jail,
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
      expect(result).toMatchObject({ status: Status.exited, exitCode: 7, backend: 'jail', message: '' });
      expect(result.outputFiles).toEqual([
        { path: 'out/result.txt', content: { $case: 'data', value: Buffer.from('done') } },
      ]);
      expect(result.peakMemoryBytes).toBeGreaterThan(BigInt(MIB));
    });

    it('shows a traceback of its own lines only', async () => {
      const result = await runIn(jail, 'def f():\n    return 1 / 0\nf()\n');
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
      const result = await runIn(jail, source, { language: 'javascript', stdin: 'in', args: ['a'] });
      expect(result.stderr.toString()).toBe('');
      expect(result.stdout.toString()).toBe('in a\n');
      const bomb = await runIn(jail, 'const a = []; for (;;) a.push(new Array(1e6).fill(a.length))', {
        language: 'javascript',
        limits: { memoryBytes: 256 * MIB },
      });
      expect(bomb.status).toBe(Status.memory);
    });

    it('is told apart from a signal that it sends itself', async () => {
      const result = await runIn(jail, 'import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)');
      expect(result).toMatchObject({ status: Status.signaled, signal: 'SIGSEGV' });
    });

    it('takes sources with NUL bytes and bad encodings as errors of their own', async () => {
      for (const source of ['print(1)\0', '# coding: nonsense\nprint(1)']) {
        expect(await runIn(jail, source)).toMatchObject({ status: Status.exited, exitCode: 1 });
      }
    });

    it('is refused when its files do not fit on its disk', async () => {
      const result = await runIn(jail, 'print(1)', {
        files: { big: 'x'.repeat(MIB) },
        limits: { diskBytes: 128 * 1024 },
      });
      expect(result.status).toBe(Status.rejected);
      expect(result.message).toContain('could not be placed');
    });
  });

  describe('the jail', () => {
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
      const result = await runIn(jail, source);
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
      const result = await runIn(jail, source);
      expect(result.stdout.toString()).toBe('wrote /tmp\nwrote /work\n[]\n');
    });

    it("does not hand on the service's environment or descriptors", async () => {
      process.env['FLOW_TEST_SECRET'] = 'do not leak';
      const result = await runIn(
        jail,
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
        'for path in ("/proc/1/mem", "/proc/1/environ", "/proc/1/fd/3", "/proc/1/maps"):',
        '    try: open(path, "rb").read(1); print("opened", path)',
        '    except OSError: pass',
        'print("done")',
      ].join('\n');
      const result = await runIn(jail, source);
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
      const result = await runIn(jail, source);
      expect(result.stdout.toString()).toBe("thread\nb'1\\n'\nasyncio\n[1, 2]\n");
      expect(result.exitCode).toBe(0);
    });

    it('keeps nothing from one execution to the next', async () => {
      await runIn(jail, 'open("/tmp/left", "w").write("x"); open("left", "w").write("x")');
      const result = await runIn(
        jail,
        'import os\nprint(os.listdir("/tmp"), os.listdir("."), os.listdir("/dev/shm"))',
      );
      expect(result.stdout.toString()).toBe("['work'] ['main.py'] []\n");
    });
  });

  describe('limits', () => {
    it('end a program that sleeps, even one that ignores signals', async () => {
      const source = [
        'import signal, time',
        'for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)',
        'while True: time.sleep(9)',
      ].join('\n');
      const result = await runIn(jail, source, { limits: { wallMs: 300 } });
      expect(result.status).toBe(Status.wall);
      expect(result.wallMs).toBeGreaterThanOrEqual(300);
      expect(result.wallMs).toBeLessThan(800);
    });

    it('end a program that stops itself', async () => {
      const result = await runIn(jail, 'import os, signal\nos.kill(0, signal.SIGSTOP)', {
        limits: { wallMs: 300 },
      });
      expect(result.status).toBe(Status.wall);
    });

    it('count the CPU time of all processes together', async () => {
      const source = 'import os\nos.fork(); os.fork()\nwhile True: pass';
      const result = await runIn(jail, source, { limits: { cpuMs: 400, wallMs: 5000 } });
      expect(result.status).toBe(Status.cpu);
      expect(result.cpuMs).toBeGreaterThanOrEqual(400);
      expect(result.cpuMs).toBeLessThan(1200);
    });

    it('end a memory bomb, one big or many small', async () => {
      const limits = { memoryBytes: 96 * MIB };
      const big = await runIn(jail, 'x = bytearray(1 << 30)', { limits });
      expect(big.status).toBe(Status.memory);
      const growing = await runIn(jail, 'x = []\nwhile True: x.append("y" * 100000 + str(len(x)))', {
        limits,
      });
      expect(growing.status).toBe(Status.memory);
      const shared = 'import mmap\nm = mmap.mmap(-1, 1 << 29)\nfor i in range(0, 1 << 29, 4096): m[i] = 1';
      expect((await runIn(jail, shared, { limits })).status).toBe(Status.memory);
      const many = [
        'import os, time',
        'for _ in range(16):',
        '    if os.fork() == 0:',
        '        x = bytearray(os.urandom(1 << 20) * 20)',
        '        time.sleep(5)',
        'time.sleep(5)',
      ].join('\n');
      const spread = await runIn(jail, many, { limits });
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
      const result = await runIn(jail, source, { limits: { processes: 20 } });
      expect(result.status).toBe(Status.exited);
      expect(Number(result.stdout)).toBe(19);
      const wild = await runIn(jail, 'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass', {
        limits: { processes: 30, wallMs: 1000, cpuMs: 10_000 },
      });
      expect(wild.status).toBe(Status.wall);
    });

    it('keep the first bytes of a flood, flag the rest, and end it beyond the hard limit', async () => {
      const flood = await runIn(jail, 'import os\nwhile True: os.write(1, b"x" * 65536)', {
        limits: { outputBytes: 10_000 },
      });
      expect(flood).toMatchObject({ status: Status.output, stdoutTruncated: true, stderrTruncated: false });
      expect(flood.stdout.length).toBe(10_000);
      expect(flood.cpuMs).toBeGreaterThanOrEqual(0);
      const some = await runIn(jail, 'import sys\nsys.stderr.write("y" * 20000)', {
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
      const result = await runIn(jail, source, { limits: { diskBytes: 4 * MIB } });
      expect(result.stdout.toString()).toMatch(/^(27|28) 6[0-4]\n$/); // EFBIG or ENOSPC
    });
  });

  describe('the end of an execution', () => {
    it('takes left-over processes with it, whatever they hold', async () => {
      const mark = 'left-over-7391';
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
      const result = await runIn(jail, source);
      expect(result.stdout.toString()).toBe('main ends\n');
      expect(performance.now() - before).toBeLessThan(5000);
      expect(processesWith(mark)).toEqual([]);
    });

    it('comes within 200 ms of a cancel', async () => {
      const mark = 'cancel-me-5127';
      const cancel = new AbortController();
      const source = `import os\nos.execv("/usr/bin/python3", ["python3", "-c", "import time; time.sleep(60)", "${mark}"])`;
      const running = runIn(jail, source, { signal: cancel.signal });
      while (processesWith(mark).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const before = performance.now();
      cancel.abort();
      expect((await running).status).toBe(Status.cancelled);
      expect(performance.now() - before).toBeLessThan(200);
      expect(processesWith(mark)).toEqual([]);
    });

    it('can come at any moment of its making, and leaves nothing', async () => {
      for (let delayMs = 0; delayMs < 30; delayMs += 1) {
        const cancel = new AbortController();
        const running = runIn(jail, 'import time; time.sleep(9)', { signal: cancel.signal });
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        const before = performance.now();
        cancel.abort();
        expect((await running).status).toBe(Status.cancelled);
        expect(performance.now() - before).toBeLessThan(1000);
      }
      // Interpreters stay for the next program; they end with the backend.
      if (hot) await jail.close();
      const left = (): number[] => processesWith(`${OWNER_MARK}${process.pid} `);
      for (let tries = 0; tries < 50 && left().length > 0; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(left()).toEqual([]);
    });

    it('leaves no control groups', async () => {
      await Promise.all(Array.from({ length: 6 }, () => runIn(jail, 'print(1)')));
      const groups = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `${process.pid}-*`]);
      expect(groups.stdout.toString()).toBe('');
    });
  });
});
