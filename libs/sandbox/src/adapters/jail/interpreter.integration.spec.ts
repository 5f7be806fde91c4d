import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import type { ProgramEnd } from '../../ports.js';
import { processesWith, programOf, realJail, runIn } from '../../testing/jail-runs.js';
import { OWNER_MARK } from './bwrap-arguments.js';
import type { JailBackend, JailOptions } from './jail-backend.js';

const MIB = 1024 * 1024;
const opened: JailBackend[] = [];

async function open(options: JailOptions): Promise<JailBackend> {
  const jail = await realJail(options);
  opened.push(jail);
  return jail;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((jail) => jail.close()));
});

/** What a program prints; it must end well. */
async function printed(
  jail: JailBackend,
  lines: readonly string[],
  memoryBytes = 512 * MIB,
): Promise<string> {
  const result = await runIn(jail, lines.join('\n'), { limits: { memoryBytes } });
  expect(result.stderr.toString()).toBe('');
  expect(result).toMatchObject({ status: ExecutionStatus.EXECUTION_STATUS_EXITED, exitCode: 0 });
  return result.stdout.toString();
}

/** Ids of the interpreters of this process: what bubblewrap's monitors have as children. */
function interpreters(): number[] {
  return processesWith(`${OWNER_MARK}${process.pid} `).flatMap((pid) =>
    children(pid).filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('python3')),
  );
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

describe('a pre-forked interpreter', () => {
  it('starts the next program as if nothing had run before', async () => {
    const jail = await open({ interpreters: 1 });
    const look = [
      'import json, os, random, sys, threading',
      'print(json.dumps([sys.argv, sys.path[0], __name__, sorted(globals()), os.getcwd(), os.getpid(),',
      '  threading.active_count(), threading.get_native_id() == os.getpid(), os.listdir("."), hasattr(json, "stain"),',
      '  os.environ.get("STAIN"), os.nice(0)]))',
    ];
    const before = await printed(jail, look);
    const stain = [
      'import json, os, sys, builtins',
      'json.stain = 1; builtins.print = None; sys.path[:] = []; os.environ["STAIN"] = "x"; os.nice(5)',
      'open("/tmp/left", "w").write("x"); open("/dev/shm/left", "w").write("x"); sys.modules.clear()',
      'os._exit(0)',
    ];
    await runIn(jail, stain.join('\n'));
    expect(await printed(jail, look)).toBe(before);
    expect(await printed(jail, ['import os', 'print(os.listdir("/tmp"), os.listdir("/dev/shm"))'])).toBe(
      "['work'] []\n",
    );
  });

  it('draws other random numbers for each program', async () => {
    const jail = await open({ interpreters: 1 });
    const draw = ['import os, random, uuid', 'print(random.random(), os.urandom(4), uuid.uuid4())'];
    const drawn = await Promise.all([1, 2, 3].map(() => printed(jail, draw)));
    expect(new Set(drawn).size).toBe(3);
  });

  it('lets a file of the program come before a library module that it has loaded already', async () => {
    const jail = await open({ interpreters: 1 });
    const files = { 'heapq.py': 'NAME = "mine"', 'json/__init__.py': 'NAME = "mine too"' };
    const result = await runIn(jail, 'import heapq, json\nprint(heapq.NAME, json.NAME)', { files });
    expect(result.stdout.toString()).toBe('mine mine too\n');
  });

  it('ends a program as Python does: threads, atexit, finalizers, exit status', async () => {
    const jail = await open({ interpreters: 1 });
    const source = [
      'import atexit, sys, threading, time',
      'class Last:',
      '    def __del__(self): print("finalizer")',
      'last = Last()',
      'atexit.register(print, "atexit")',
      'threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()',
      'sys.exit("said at the end")',
    ].join('\n');
    const result = await runIn(jail, source);
    expect(result).toMatchObject({ exitCode: 1 });
    expect(result.stdout.toString()).toBe('thread\natexit\nfinalizer\n');
    expect(result.stderr.toString()).toBe('said at the end\n');
    expect((await runIn(jail, 'import sys; sys.exit(300)')).exitCode).toBe(300 % 256);
    expect((await runIn(jail, 'import sys; sys.exit()')).exitCode).toBe(0);
  });

  it('passes large input, output and frames through, and input that nobody reads', async () => {
    const jail = await open({ interpreters: 1 });
    const large = 'x'.repeat(7 * MIB);
    const echo = 'import sys\nsys.stdout.write(str(len(sys.stdin.read())))';
    expect((await runIn(jail, echo, { stdin: large })).stdout.toString()).toBe(String(large.length));
    expect((await runIn(jail, 'print(1)', { stdin: large })).stdout.toString()).toBe('1\n');
    const frames: number[] = [];
    const source = [
      'import os',
      'def exactly(n):',
      '    data = b""',
      '    while len(data) < n: data += os.read(4, n - len(data))',
      '    return data',
      'head = exactly(4); body = exactly(int.from_bytes(head, "little")); data = memoryview(head + body)',
      'while data: data = data[os.write(4, data):]',
    ].join('\n');
    const running = jail.start(
      { ...programOf(source), channel: true },
      { onFrame: (frame) => frames.push(frame.length) },
    );
    running.sendFrame(Buffer.alloc(5 * MIB));
    expect((await running.end).reason).toBe('exit');
    expect(frames).toEqual([5 * MIB]);
  });
});

describe('its programs', () => {
  it('can write to one sized file system only: shared memory counts too, and so do inodes', async () => {
    const jail = await open({ interpreters: 1 });
    const source = [
      'import os',
      'def fill(path):',
      '    n = 0',
      '    try:',
      '        with open(path, "wb", 0) as file:',
      '            while True: n += file.write(bytes(65536))',
      '    except OSError: return n',
      'total = fill("/dev/shm/a") + fill("/tmp/b") + fill("/tmp/work/c")',
      'print(total <= 2 << 20)',
      'for name in ("/dev/shm/a", "/tmp/b", "/tmp/work/c"): os.unlink(name)',
      'made = 0',
      'try:',
      '    while True: os.close(os.open(f"/tmp/{made}", os.O_CREAT | os.O_WRONLY)); made += 1',
      'except OSError: print(made < 1000)',
    ].join('\n');
    const result = await runIn(jail, source, { limits: { diskBytes: 2 * MIB } });
    expect(result.stdout.toString()).toBe('True\nTrue\n');
  });

  it('cannot get out of their namespaces, nor gain anything in them', async () => {
    const jail = await open({ interpreters: 1 });
    const source = [
      'import ctypes, glob, os, resource, socket',
      'libc = ctypes.CDLL(None, use_errno=True)',
      'status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)',
      'print([status[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")], status["NoNewPrivs"], status["Seccomp"])',
      'print(sorted(int(n) for n in os.listdir("/proc") if n.isdigit()) == [1, os.getpid()])',
      'def refused(call, *args): return call(*args) != 0',
      'print(all([refused(libc.unshare, flag) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000)]))',
      'print(all([refused(libc.mount, b"none", b"/tmp", b"tmpfs", 0, None), refused(libc.umount2, b"/proc", 2),',
      '  refused(libc.umount2, b"/tmp", 2), refused(libc.chroot, b"/tmp"), refused(libc.sethostname, b"x", 1)]))',
      'for path in ("/proc/1/mem", "/proc/1/root", "/proc/1/fd", "/proc/1/ns/mnt", "/proc/1/maps"):',
      '    try: (os.listdir if path.endswith(("root", "fd")) else os.open)(*([path] if path.endswith(("root", "fd")) else [path, 0])); print("reached", path)',
      '    except OSError: pass',
      'for path in glob.glob("/proc/sys/**", recursive=True) + glob.glob("/dev/*") + ["/flow/jail-helper.so", "/flow/programs.json"]:',
      '    if os.path.isdir(path) or path.startswith(("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/std", "/dev/fd")): continue',
      '    try:',
      '        with open(path, "wb", 0) as file: file.write(b"1"); print("writable", path)',
      '    except OSError: pass',
      'print(os.path.exists("/dev/ptmx"), os.path.exists("/dev/tty"), os.path.exists("/dev/pts"))',
      'print([libc.inotify_init(), libc.inotify_init1(0)])',
      'left, right = socket.socketpair(); left.send(b"x"); print(right.recv(1))',
      'for number in range(1, 65): ',
      '    try: os.kill(1, number)',
      '    except OSError: pass',
      'print(len(os.listdir("/proc/self/fd")))',
    ];
    expect(await printed(jail, source)).toBe(
      [
        "['', '', '', '', ''] 1 2",
        'True\nTrue\nTrue\nFalse False False\n[-1, -1]',
        "b'x'",
        '6\n', // 0, 1, 2, the pair and the listing itself
      ].join('\n'),
    );
  });

  it('cannot find what ran before them, nor what runs beside them', async () => {
    const jail = await open({ interpreters: 2 });
    const secret = `s${'ecret'}-${process.pid}`;
    const beside = jail.start(
      programOf(`import time\nX = "${secret}"\nopen("/tmp/x", "w").write(X)\ntime.sleep(1)`),
      {},
    );
    await runIn(jail, `X = "${secret}"\nopen("/tmp/y", "w").write(X)`);
    const hunt = [
      'import os',
      `wanted = "${secret}"[::-1].encode()`,
      'found = 0',
      'for line in open("/proc/self/maps"):',
      '    span, access = line.split()[:2]',
      '    if "r" not in access or "[v" in line: continue',
      '    first, last = (int(part, 16) for part in span.split("-"))',
      '    with open("/proc/self/mem", "rb", 0) as memory:',
      '        memory.seek(first)',
      '        try: data = memory.read(last - first)',
      '        except OSError: continue',
      '        found += data.count(bytes(reversed(wanted))) ',
      'print(found, os.listdir("/tmp"))',
    ];
    // Its own source holds the text backwards, so any find is somebody else's.
    hunt[1] = `wanted = "${[...secret].reverse().join('')}".encode()`;
    const result = await printed(jail, hunt);
    beside.kill();
    await beside.end;
    expect(result).toBe("0 ['work']\n");
  });
});

describe('when an interpreter', () => {
  it('is killed, the program in flight fails as ours and the next one works', async () => {
    const jail = await open({ interpreters: 2 });
    await runIn(jail, 'print(1)');
    const ended: ProgramEnd[] = [];
    const started = Promise.withResolvers<void>();
    const running = jail.start(programOf('import time; time.sleep(9)'), { onStarted: started.resolve });
    await started.promise;
    for (const pid of interpreters()) process.kill(pid, 'SIGKILL');
    ended.push(await running.end);
    expect(ended[0]).toMatchObject({ reason: 'lost' });
    const next = await runIn(jail, 'print(2)');
    expect(next).toMatchObject({ status: ExecutionStatus.EXECUTION_STATUS_EXITED });
    expect(next.stdout.toString()).toBe('2\n');
  });

  it('has run its number of programs, a fresh one takes its place', async () => {
    const jail = await open({ interpreters: 1, executions: 3 });
    const seen = new Set<number>();
    for (let count = 0; count < 8; count += 1) {
      expect(await printed(jail, ['print(1)'])).toBe('1\n');
      for (const pid of interpreters()) seen.add(pid);
    }
    expect(seen.size).toBeGreaterThanOrEqual(2);
  });

  it('cannot be made, programs run in jails of their own', async () => {
    const jail = await open({ hot: false });
    const { stdout, isolation } = await runIn(jail, 'print(1)');
    expect([stdout.toString(), isolation]).toEqual(['1\n', expect.stringContaining('own user')]);
    expect(interpreters()).toEqual([]);
  });

  it('ends with its backend, nothing of it is left', async () => {
    const jail = await open({ interpreters: 2 });
    const [first] = await Promise.all([1, 2, 3].map(() => runIn(jail, 'print(1)')));
    // The check itself must be able to find them.
    if (first?.isolation.includes('cgroup')) expect(groups()).not.toEqual([]);
    await jail.close();
    expect([...processesWith(`${OWNER_MARK}${process.pid} `), ...groups()]).toEqual([]);
  });
});

/** Control groups of this process's interpreters. */
function groups(): string[] {
  const found = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `interpreter-${process.pid}-*`]);
  return found.stdout.toString().split('\n').filter(Boolean);
}
