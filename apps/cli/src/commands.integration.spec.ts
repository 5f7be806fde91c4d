import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowHome } from './testing/flow-process.js';

let home: FlowHome;

async function file(name: string, text: string): Promise<string> {
  const path = join(home.folder, name);
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  home = await FlowHome.create();
});
afterAll(() => home.remove());

describe('flow', () => {
  it('lists its commands', async () => {
    const result = await home.run(['--help']);
    expect(result.code).toBe(0);
    for (const command of ['demo', 'solve', 'check', 'exec', 'runs', 'serve', 'doctor', 'test']) {
      expect(result.stdout).toContain(`  ${command}`);
    }
  });

  it.each([
    [['nonsense']],
    [['solve', '--max-rounds', '0']],
    [['solve', '--deadline', 'soon']],
    [['runs', 'show']],
  ])('refuses %j with 64', async (args) => {
    const result = await home.run(args);
    expect(result.code).toBe(64);
    expect(result.stderr).toContain('error: ');
  });
});

describe('flow check', () => {
  const workflow = `class Workflow:
    async def __call__(self, problem, entry_point):
        s = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")
        return s['response'], self.llm.get_usage_summary()["total_cost"]
`;

  it('accepts a workflow with 0', async () => {
    const result = await home.run(['check', '-', '--json'], { input: workflow });
    expect(result.code).toBe(0);
    expect(result.lines[0]).toMatchObject({
      valid: true,
      diagnostics: [],
      bounds: { operator_calls: { least: 1, greatest: 1 }, model_calls: { least: 1, greatest: 1 } },
      measures: { operator_calls: 1 },
    });
  });

  it('refuses a syntax error with 65 and shows the place', async () => {
    const path = await file('broken.py', workflow.replace('entry_point):', 'entry_point)'));
    const result = await home.run(['check', path]);
    expect(result.code).toBe(65);
    expect(result.stdout).toContain('2 |');
    expect(result.stdout).toContain('^');
  });
});

describe('flow exec', () => {
  it('prints the documented object', async () => {
    const path = await file(
      'hello.py',
      'import sys\nprint("hi")\nprint("no", file=sys.stderr)\nsys.exit(3)\n',
    );
    const result = await home.run(['exec', path, '--json']);
    expect(result.code).toBe(2);
    expect(result.lines[0]).toMatchObject({
      status: 'exited',
      exit_code: 3,
      signal: null,
      stdout: 'hi\n',
      stderr: 'no\n',
      stdout_truncated: false,
      stderr_truncated: false,
      backend: 'jail',
      isolation: expect.stringContaining('own pid,mount,ipc,uts') as string,
    });
    expect(Object.keys(result.lines[0] ?? {}).sort()).toEqual(
      ['status', 'exit_code', 'signal', 'stdout', 'stderr', 'stdout_truncated', 'stderr_truncated']
        .concat(['cpu_ms', 'wall_ms', 'queue_ms', 'setup_ms', 'peak_memory_bytes', 'limits'])
        .concat(['backend', 'isolation'])
        .sort(),
    );
  });

  it('ends with 75 at a limit', async () => {
    const path = await file('loop.py', 'while True: pass\n');
    const result = await home.run(['exec', path, '--limit', 'wall=300ms', '--json']);
    expect(result.code).toBe(75);
    expect(result.lines[0]).toMatchObject({ status: 'wall_timeout' });
  });

  it('refuses other languages', async () => {
    const result = await home.run(['exec', await file('a.rb', 'puts 1')]);
    expect(result.code).toBe(64);
    expect(result.stderr).toContain('neither Python');
    const named = await home.run(['exec', await file('b.rb', 'print(6 * 7)'), '--language', 'python']);
    expect(named).toMatchObject({ code: 0, stdout: '42\n' });
  });

  it('refuses a backend that is not there in two lines, without a log', async () => {
    const unknown = await home.run(['exec', await file('c.py', 'print(1)'), '--backend', 'wasm']);
    expect(unknown).toMatchObject({
      code: 64,
      stderr: 'flow: there is no backend "wasm"; available: jail\n',
    });
    const env = { FLOW_SANDBOX_DOCKER_SOCKET_PATH: '/nonexistent' };
    const gone = await home.run(['exec', await file('c.py', 'print(1)'), '--backend', 'docker'], { env });
    expect(gone.code).toBe(69);
    expect(gone.stderr.split('\n')).toEqual([
      "flow: the docker backend can't run programs now: no Docker daemon listens on /nonexistent",
      '      available: jail',
      '',
    ]);
  });
});

describe('flow sandbox probe', () => {
  it('shows what is enforced and what became of each attempt to get out', async () => {
    const env = { FLOW_SANDBOX_DOCKER_SOCKET_PATH: '/nonexistent' };
    const table = await home.run(['sandbox', 'probe'], { env });
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(/^jail \(default\) {2}available\n/);
    expect(table.stdout).toMatch(/✓ read \/proc\/1\/mem +EACCES\n/);
    expect(table.stdout).toMatch(/docker {2}not available: no Docker daemon listens on \/nonexistent\n$/);
    const json = await home.run(['sandbox', 'probe', '--json'], { env });
    const report = json.lines[0] as { ok: boolean; backends: { probes: { contained: boolean }[] }[] };
    expect(report.ok).toBe(true);
    expect(report.backends[0]?.probes.length).toBeGreaterThanOrEqual(15);
    expect(report.backends[0]?.probes.every(({ contained }) => contained)).toBe(true);
  });
});

describe('flow runs', () => {
  it('says that there are none, and that a name is unknown', async () => {
    expect((await home.run(['runs', 'list'])).stderr).toContain('there are no runs yet');
    const missing = await home.run(['runs', 'show', 'abc']);
    expect(missing.code).toBe(64);
    expect(missing.stderr).toContain('there is no run abc');
  });
});

describe('flow doctor', () => {
  it('finds everything on a machine where these tests can run', async () => {
    const result = await home.run(['doctor', '--json']);
    expect(result.code).toBe(0);
    expect(result.lines[0]).toMatchObject({ ok: true });
  });
});
