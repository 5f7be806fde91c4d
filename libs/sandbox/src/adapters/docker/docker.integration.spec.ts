import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionStatus, Integrity, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import { execute } from '../../execute.js';
import { grade } from '../../grade/grade.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { RunningProgram, SandboxBackend } from '../../ports.js';
import { TestDaemon } from '../../testing/docker-daemon.js';
import { programOf, runIn } from '../../testing/jail-runs.js';
import { LABELS } from './container-options.js';
import type { DockerPlace } from './docker-place.js';

const Status = {
  exited: ExecutionStatus.EXECUTION_STATUS_EXITED,
  signaled: ExecutionStatus.EXECUTION_STATUS_SIGNALED,
  wall: ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT,
  cpu: ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT,
  memory: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  output: ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT,
  rejected: ExecutionStatus.EXECUTION_STATUS_REJECTED,
  lost: ExecutionStatus.EXECUTION_STATUS_INFRA_ERROR,
  cancelled: ExecutionStatus.EXECUTION_STATUS_CANCELLED,
};
const MIB = 1024 * 1024;

let daemon: TestDaemon;
let place: DockerPlace;
let docker: SandboxBackend;
beforeAll(async () => {
  daemon = await TestDaemon.start();
  place = await daemon.open(2);
  const { backend, report } = place.current();
  if (backend === undefined) throw new Error(report.reason);
  docker = backend;
});
afterAll(async () => {
  await place.close();
  await daemon.close();
});

/** Containers of this process that the daemon knows, running or not. */
async function containers(): Promise<string[]> {
  const filters = { label: [`${LABELS.process}=${process.pid}`] };
  const listed = await daemon.api.listContainers({ all: true, filters });
  return listed.map(({ Id }) => Id);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the docker backend', () => {
  it('contains every attempt to get out, and enforces every limit', () => {
    const { report } = place.current();
    expect(report).toMatchObject({ available: true, reason: '', languages: [1, 2] });
    expect(report.probes.length).toBeGreaterThanOrEqual(15);
    expect(report.probes.filter(({ contained }) => !contained)).toEqual([]);
    expect(report.capabilities.filter(({ enforced }) => !enforced)).toEqual([]);
  });

  it('makes containers that can do nothing but wait for a program', async () => {
    const [id = ''] = await containers();
    const { Config, HostConfig } = await daemon.api.getContainer(id).inspect();
    expect(HostConfig).toMatchObject({
      ...{
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        IpcMode: 'private',
        Privileged: false,
      },
      ...{ Memory: 512 * MIB, MemorySwap: 512 * MIB, PidsLimit: 66, Runtime: 'runc' },
    });
    expect(HostConfig.SecurityOpt?.[0]).toBe('no-new-privileges:true');
    expect(HostConfig.SecurityOpt?.[1]).toContain('"keyctl"');
    expect(HostConfig.Tmpfs?.['/tmp']).toMatch(/size=67108864,nr_inodes=\d+/);
    expect(Number(Config.User.split(':')[0])).toBeGreaterThanOrEqual(2_000_000);
  });

  it('gives a program its input, arguments, variables and files, and gives output files back', async () => {
    const result = await runIn(
      docker,
      [
        'import os, sys, helper',
        'print(sys.argv[1:], sys.stdin.read(), os.environ["GREETING"], helper.VALUE, __name__)',
        'print(sorted(os.environ), sorted(map(int, os.listdir("/proc/self/fd"))), os.getcwd())',
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
    expect(result.stdout.toString()).toBe(
      "['--x', 'y z'] input hello 5 __main__\n" +
        "['GREETING', 'HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR', 'USER'] [0, 1, 2, 3] /tmp/work\n",
    );
    expect(result.stderr.toString()).toBe('to stderr');
    expect(result).toMatchObject({ status: Status.exited, exitCode: 7, backend: 'docker', message: '' });
    expect(result.outputFiles).toEqual([
      { path: 'out/result.txt', content: { $case: 'data', value: Buffer.from('done') } },
    ]);
    expect(result.peakMemoryBytes).toBeGreaterThan(BigInt(MIB));
  });

  it('carries large inputs and outputs whole', async () => {
    const stdin = 'x'.repeat(6 * MIB);
    const result = await runIn(docker, 'import sys\nsys.stdout.write(sys.stdin.read())', {
      stdin,
      limits: { outputBytes: 8 * MIB },
    });
    expect(result.status).toBe(Status.exited);
    expect(result.stdout.toString() === stdin).toBe(true);
  });

  it('runs JavaScript', async () => {
    const source = 'const fs = require("fs"); console.log(fs.readFileSync(0, "utf8"), process.argv[2])';
    const result = await runIn(docker, source, { language: 'javascript', stdin: 'in', args: ['a'] });
    expect(result.stderr.toString()).toBe('');
    expect(result.stdout.toString()).toBe('in a\n');
  });

  it('talks with a program while it runs, and signals it', async () => {
    const source = [
      'import os, signal, sys',
      'signal.signal(signal.SIGUSR1, lambda *_: (os.write(1, b"signalled\\n"), sys.exit(3)))',
      'for line in sys.stdin: print("echo", line.strip(), flush=True)',
      'signal.pause()',
    ].join('\n');
    let running: RunningProgram | undefined;
    const result = await execute({
      backend: docker,
      program: programOf(source),
      ...{ stdin: Buffer.from('hello\n'), queueMs: 0, signal: new AbortController().signal },
      interactive: {
        onRunning: (program) => (running = program),
        onOutput: (_, chunk) => {
          if (!chunk.includes('echo')) return;
          running?.signal(10);
          running?.closeStdin();
        },
      },
    });
    expect(result.stdout.toString()).toBe('echo hello\nsignalled\n');
    expect(result).toMatchObject({ status: Status.exited, exitCode: 3 });
  });

  it.each([
    ['a signal of its own', 'import os\nos.kill(os.getpid(), 11)', {}, Status.signaled],
    ['sleep', 'import time\ntime.sleep(9)', { wallMs: 300 }, Status.wall],
    ['a loop', 'import os\nos.fork()\nwhile True: pass', { cpuMs: 300, wallMs: 5000 }, Status.cpu],
    ['a big object', 'x = bytearray(1 << 30)', { memoryBytes: 96 * MIB }, Status.memory],
    [
      'many processes with memory',
      'import os, time\nfor _ in range(16):\n  if os.fork() == 0: x = bytearray(os.urandom(1 << 20) * 20); time.sleep(3)\ntime.sleep(3)',
      { memoryBytes: 96 * MIB },
      Status.memory,
    ],
    ['a flood', 'import os\nwhile True: os.write(1, bytes(65536))', { outputBytes: 1000 }, Status.output],
  ])('tells the end by %s', async (_, source, limits, status) => {
    const result = await runIn(docker, source, { limits });
    expect(result).toMatchObject({ status, message: '' });
    if (status === Status.signaled) expect(result.signal).toBe('SIGSEGV');
  });

  it('grades, with candidate and tests in containers of their own', async () => {
    const judge = (candidate: string) =>
      grade({
        ...{ backend: docker, clock: performance, hidden: false, files: [], limits: { ...DEFAULT_LIMITS } },
        ...{
          integrity: Integrity.INTEGRITY_ISOLATED,
          caseWallMs: 3000,
          signal: new AbortController().signal,
        },
        candidate: Buffer.from(candidate),
        suite: {
          $case: 'function',
          value: { entryPoint: 'f', testCode: '', asserts: ['assert f(1) == 2', 'assert f(2) == 3'] },
        },
      });
    const right = await judge('def f(x): return x + 1');
    expect(right).toMatchObject({
      status: VerdictStatus.VERDICT_STATUS_PASSED,
      passed: 2,
      backend: 'docker',
    });
    const wrong = await judge('def f(x): return 2');
    expect(wrong).toMatchObject({ status: VerdictStatus.VERDICT_STATUS_FAILED, passed: 1, total: 2 });
  });

  it('refuses files that do not fit on the disk that is asked for', async () => {
    const files = { big: 'x'.repeat(MIB) };
    const result = await runIn(docker, 'print(1)', { files, limits: { diskBytes: 128 * 1024 } });
    expect(result.status).toBe(Status.rejected);
    expect(result.message).toContain('could not be placed');
  });

  it('counts processes of one container alone', async () => {
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
    const both = await Promise.all([1, 2].map(() => runIn(docker, source, { limits: { processes: 20 } })));
    expect(both.map(({ stdout }) => stdout.toString())).toEqual(['19\n', '19\n']);
  });

  it('cannot be told lies by a program that attacks its launcher', async () => {
    const source = [
      'import os, signal',
      'for sent in signal.valid_signals(): os.kill(1, sent)',
      'for name in ("mem", "environ", "fd/32", "maps"):',
      '    try: open("/proc/1/" + name, "rb").read(1); print("opened", name)',
      '    except OSError: pass',
      'print("done")',
    ].join('\n');
    const result = await runIn(docker, source);
    expect(result).toMatchObject({ status: Status.exited, exitCode: 0 });
    expect(result.stdout.toString()).toBe('done\n');
  });

  it('ends at any moment that its caller goes away', async () => {
    for (const delayMs of [0, 5, 30, 120]) {
      const cancel = new AbortController();
      const running = runIn(docker, 'import time; time.sleep(9)', { signal: cancel.signal });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      cancel.abort();
      expect((await running).status).toBe(Status.cancelled);
    }
  });

  it('leaves no container behind but those that wait', async () => {
    await until(async () => (await containers()).length === 2);
    const running = await daemon.api.listContainers();
    expect(running).toHaveLength(2);
  });
});

describe('containers that were left behind', () => {
  it('go when a service starts on the same machine, and only they', async () => {
    const left = async (host: string, pid: string): Promise<string> => {
      const Labels = { [LABELS.host]: host, [LABELS.process]: pid };
      return (await daemon.api.createContainer({ Image: 'flowreasoner-sandbox', Cmd: ['true'], Labels })).id;
    };
    const { hostname } = await import('node:os');
    const dead = await left(hostname(), '4194305');
    const living = await left(hostname(), String(process.ppid));
    const elsewhere = await left('another-machine', '4194305');
    await place.close();
    place = await daemon.open(2);
    const all = (await daemon.api.listContainers({ all: true })).map(({ Id }) => Id);
    expect(all).not.toContain(dead);
    expect(all).toEqual(expect.arrayContaining([living, elsewhere]));
  });
});

describe('a daemon that is killed', () => {
  it('ends programs with a clear word, and is used again once it is back', async () => {
    const { backend } = place.current();
    if (backend === undefined) throw new Error('no backend');
    let started: () => void = () => undefined;
    const printed = new Promise<void>((resolve) => (started = resolve));
    const running = execute({
      backend,
      program: programOf('import time\nprint("on", flush=True)\ntime.sleep(60)', {
        limits: { wallMs: 60_000 },
      }),
      ...{ stdin: new Uint8Array(), queueMs: 0, signal: new AbortController().signal },
      interactive: { onRunning: () => undefined, onOutput: () => started() },
    });
    await printed;
    await daemon.kill();
    expect(await running).toMatchObject({
      status: Status.lost,
      message: expect.stringMatching(/^the Docker daemon on .* (is gone|went away)$/) as string,
    });
    await until(() => !place.current().report.available);
    expect(place.current().report.reason).toMatch(/Docker daemon/);

    await daemon.resume();
    await until(() => place.current().report.available);
    const again = place.current().backend;
    if (again === undefined) throw new Error('no backend');
    const result = await runIn(again, 'print("back")');
    expect(result.stdout.toString()).toBe('back\n');
    // What the lost daemon had been running is gone with the rest.
    await until(async () => (await containers()).length === 2);
  });
});
