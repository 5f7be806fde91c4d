// Points a third-party harness at the gateway: Inspect, from PyPI, solves
// HumanEval problems through `flow serve` as any OpenAI-compatible model.
//
//   node tools/bench/gateway/humaneval.mjs --data humaneval.jsonl [--first 0] [--count 20] [--model flowreasoner] [--at-once 2]
//
// --data names HumanEval rows, one JSON object a line. Inspect is installed into
// the cache folder. Build first (./flow --version).
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const packages = ['inspect-ai==0.3.285', 'openai==3.57.0'];
const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    first: { type: 'string', default: '0' },
    count: { type: 'string', default: '20' },
    model: { type: 'string', default: 'flowreasoner' },
    'at-once': { type: 'string', default: '2' },
  },
});
if (values.data === undefined || !existsSync(values.data)) {
  console.error('--data names HumanEval rows (humaneval.jsonl), one JSON object a line');
  process.exit(64);
}

/** Installs the harness into the user's cache, unless it is there. */
function install() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'flowreasoner', 'python');
  const folder = join(cache, packages[0].replace('==', '-'));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
  execFileSync('python3', [...pip, '--target', staging, ...packages], { stdio: 'pipe' });
  renameSync(staging, folder);
  return folder;
}

const library = install();
const home = mkdtempSync(join(tmpdir(), 'flow-bench-'));
const node = join(root, 'node_modules/node/bin/node');
const cli = join(root, 'dist/apps/cli/main.js');
const server = spawn(node, ['--disable-warning=ExperimentalWarning', cli, 'serve', '--json'], {
  env: { ...process.env, FLOW_HOME: home },
  stdio: ['ignore', 'pipe', 'ignore'],
});
const stop = () => server.kill('SIGTERM');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stop(), process.exit(130)));
const ready = await new Promise((done, failed) => {
  createInterface({ input: server.stdout }).once('line', (line) => done(JSON.parse(line)));
  server.once('exit', (code) => failed(new Error(`flow serve ended with ${code}`)));
});

const logs = join(home, 'logs');
const startedAt = Date.now();
const harness = spawn(
  'python3',
  [
    ...['-m', 'inspect_ai', 'eval', 'humaneval_task.py'],
    ...['--model', `openai-api/flowreasoner/${values.model}`],
    ...['-T', `data=${resolve(values.data)}`, '-T', `first=${values.first}`, '-T', `count=${values.count}`],
    ...['--max-connections', values['at-once'], '--temperature', '0'],
    ...['--log-dir', logs, '--log-format', 'json', '--display', 'plain', '--no-fail-on-error'],
  ],
  {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      PYTHONPATH: library,
      FLOWREASONER_BASE_URL: `${ready.http}/v1`,
      FLOWREASONER_API_KEY: ready.api_key,
      HUMANEVAL_JUDGE: JSON.stringify([node, join(here, 'judge.mjs')]),
    },
    cwd: here,
    stdio: 'inherit',
  },
);
const code = await new Promise((done) => harness.once('close', done));
stop();
const [file] = existsSync(logs) ? readdirSync(logs) : [];
if (file === undefined) throw new Error(`the harness ended with ${code} and left no log`);
const log = JSON.parse(readFileSync(join(logs, file), 'utf8'));
const scores = log.samples.map((sample) => [sample.id, sample.scores?.official_tests?.value]);
const solved = scores.filter(([, value]) => value === 'C').map(([id]) => id);
const completed = log.samples.filter((sample) => sample.error == null).length;
const tokens = Object.values(log.stats.model_usage).reduce((sum, usage) => sum + usage.total_tokens, 0);
console.log(
  JSON.stringify({
    harness: packages[0],
    model: values.model,
    status: log.status,
    problems: log.samples.length,
    completed,
    solved: solved.length,
    which: solved,
    tokens,
    seconds: Math.round((Date.now() - startedAt) / 1000),
  }),
);
process.exit(log.status === 'success' && completed === log.samples.length ? 0 : 1);
