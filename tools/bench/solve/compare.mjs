// Compares ways of solving at equal tokens on the local model, with hidden tests
// scored by the reward service, all of them and without the visible ones:
//
//   node tools/bench/solve/compare.mjs --out results.jsonl [--data DIR] [--humaneval 60] [--mbpp 60]
//     [--methods greedy,best-of-n,search,llm] [--seeds 0,1,2] [--lanes 2] [--limit N] [--summary]
//
// Each result is one line of --out, added when its run ends; what stands there
// is not run again, so that the work can be done in pieces (--limit makes N runs
// at most, --summary none). DIR (default ../shared/data) holds humaneval,
// humaneval_public_test, mbpp_validate and mbpp_public_test, one JSON object a
// line.
//
// "At equal tokens" means: a loop is stopped once its requests have used more
// tokens than all samples of best-of-n take on the same problem with the same
// seed, and counts as unsolved then: it goes on only while its answers fail the
// visible checks. The budget is no such bound: it holds the most that a request
// may take, which is several times what it takes. Build first (./flow --version).
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startFlow } from './flow-server.mjs';
import { humanEval, mbpp } from './problems.mjs';
import { overSeeds, paired } from './statistics.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    data: { type: 'string', default: join(root, '../shared/data') },
    humaneval: { type: 'string', default: '60' },
    mbpp: { type: 'string', default: '60' },
    methods: { type: 'string', default: 'greedy,best-of-n,search,llm' },
    seeds: { type: 'string', default: '0,1,2' },
    lanes: { type: 'string', default: '2' },
    limit: { type: 'string', default: 'Infinity' },
    summary: { type: 'boolean', default: false },
  },
});
if (values.out === undefined) {
  console.error('--out names the file of results, which is made when it is missing');
  process.exit(64);
}
const SAMPLES = 16;
/** How each method is asked for. Rounds are about as many as take the tokens of best-of-n, which comes before the loops. */
const policies = {
  greedy: ['--policy', 'fixed:single'],
  'best-of-n': ['--policy', `fixed:best-of-n,samples=${SAMPLES}`],
  search: ['--policy', 'search', '--max-rounds', '2'],
  llm: ['--policy', 'llm', '--max-rounds', '2'],
};
const limits = ['--budget-tokens', '60000', '--deadline', '60m'];
const methods = values.methods.split(',');
const unknown = methods.find((method) => policies[method] === undefined);
if (unknown !== undefined) {
  console.error(`there is no method ${unknown}; there are: ${Object.keys(policies).join(', ')}`);
  process.exit(64);
}
const seeds = values.seeds.split(',').map(Number);
const problems = [
  ...humanEval(values.data, Number(values.humaneval)),
  ...mbpp(values.data, Number(values.mbpp)),
];
const settingsOf = (method) => policies[method].join(' ');
const keyOf = ({ problem, method, seed }) => `${problem} ${method} ${seed}`;
const isOfThese = ({ method, settings, seed }) =>
  policies[method] !== undefined && settings === settingsOf(method) && seeds.includes(seed);
const readResults = () =>
  existsSync(values.out)
    ? readFileSync(values.out, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line))
    : [];

const known = new Map(
  readResults()
    .filter(isOfThese)
    .map((row) => [keyOf(row), row]),
);
const missing = seeds
  .flatMap((seed) => problems.flatMap((task) => methods.map((method) => ({ task, method, seed }))))
  .filter(({ task, method, seed }) => !known.has(keyOf({ problem: task.id, method, seed })))
  .slice(0, values.summary ? 0 : Number(values.limit));
if (missing.length > 0) await work(missing);
summarize(readResults().filter(isOfThese));

/**
 * Makes runs, several problems at a time, and adds a line for each run; one that our
 * own services failed is left for the next time.
 */
async function work(runs) {
  const flow = await startFlow();
  const folder = mkdtempSync(join(tmpdir(), 'flow-tasks-'));
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopped = true));
  const startedAt = Date.now();
  // A problem's methods follow one another: the loops are measured by what best-of-n took.
  const pieces = Map.groupBy(runs, ({ task, seed }) => `${task.id} ${seed}`).values();
  let [done, piece] = [0, 0];
  const lane = async () => {
    for (const own of pieces) {
      const file = join(folder, `${piece++}.json`);
      for (const run of own) {
        if (stopped) return;
        const said = await solveOne(flow, file, run, () => stopped);
        done++;
        const left = (((Date.now() - startedAt) / done) * (runs.length - done)) / 60_000;
        console.error(
          `${done}/${runs.length} ${run.task.id} ${run.method} seed ${run.seed}: ${said}, ${left.toFixed(0)} min left`,
        );
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  } finally {
    await flow.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes one run and adds its line; resolves to what became of it. */
async function solveOne(flow, file, { task, method, seed }, isStopped) {
  writeFileSync(file, JSON.stringify(task));
  const isLoop = method === 'search' || method === 'llm';
  const reference = known.get(keyOf({ problem: task.id, method: 'best-of-n', seed }));
  if (isLoop && reference === undefined) return 'best-of-n has not been run; not counted';
  const most = isLoop ? allowance(reference) : Infinity;
  let [tested, spent, isCancelled] = [0, 0, false];
  const result = await flow.solve(
    ['--task', file, '--seed', String(seed), ...limits, ...policies[method]],
    ({ event, operator, usage }, cancel) => {
      if (event === 'operator_started' && operator === 'test') tested += 1;
      if (event === 'model_request_finished' || event === 'meta_request_finished') spent += tokensOf(usage);
      if (spent > most && !isCancelled) {
        isCancelled = true;
        cancel();
      }
    },
  );
  const { hidden, usage, rounds, status, stop_reason: stop, duration_ms: ms } = result;
  const failed = isStopped() || ['unavailable', 'failed', undefined].includes(status);
  const cut = !failed && tokensOf(usage) > most;
  if (failed || (status === 'cancelled' && !cut)) return `${result.message ?? 'no result'}; not counted`;
  const row = {
    problem: task.id,
    method,
    settings: settingsOf(method),
    seed,
    status,
    stop,
    hidden: hidden && {
      passed: hidden.passed,
      total: hidden.total,
      strict_passed: hidden.strict_passed,
      strict_total: hidden.strict_total,
    },
    rounds,
    tokens: tokensOf(usage),
    cut,
    calls: usage.model_calls,
    // Candidates that were tried on the visible checks; of best-of-n the last is the answer.
    tested,
    ms,
  };
  appendFileSync(values.out, `${JSON.stringify(row)}\n`);
  known.set(keyOf(row), row);
  return status;
}

/** Tokens that all samples take, where best-of-n took some of them. */
function allowance({ tokens, calls }) {
  return Math.round((SAMPLES * tokens) / calls);
}

function tokensOf({ prompt_tokens: prompt, completion_tokens: completion }) {
  return prompt + completion;
}

function isSolved({ hidden, cut }) {
  return !cut && hidden !== null && hidden.passed === hidden.total;
}

function isStrictlySolved({ hidden, cut }) {
  return !cut && hidden !== null && hidden.strict_passed === hidden.strict_total;
}

/** Whether a row has hidden tests that were not visible. */
function hasStrictTests({ hidden }) {
  return hidden === null || hidden.strict_total > 0;
}

function summarize(rows) {
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}, local model`,
  );
  for (const suite of ['HumanEval', 'MBPP']) {
    const own = rows.filter(({ problem }) => problem.startsWith(`${suite}/`));
    if (own.length === 0) continue;
    console.log(`\n${suite}: solved at equal tokens, of the problems tried, mean over seeds ± 95 % interval`);
    console.log(
      'method     seeds  problems  all hidden tests  without visible ones  tokens/run  calls/run  s/run',
    );
    for (const method of methods) {
      const runs = own.filter((row) => row.method === method);
      if (runs.length > 0) console.log(methodLine(method, runs));
    }
    comparisons(own);
    fewerSamples(own);
  }
}

/** What best-of-n solves with fewer samples: its candidates are drawn and tried in the same order. */
function fewerSamples(rows) {
  const runs = rows.filter(({ method }) => method === 'best-of-n');
  if (runs.length === 0) return;
  const counts = [1, 2, 4, 8, 16].map(
    (n) => `${n}: ${runs.filter((row) => isSolved(row) && row.tested <= n).length}`,
  );
  console.log(`best of the first n, of ${runs.length} runs: ${counts.join(', ')}`);
}

function methodLine(method, runs) {
  const bySeed = new Map(runs.map(({ seed }) => [seed, []]));
  for (const row of runs) bySeed.get(row.seed).push(row);
  const counted = (solves, among = () => true) => {
    const counts = [...bySeed.values()].map((each) => each.filter((row) => among(row) && solves(row)).length);
    const { mean, half } = overSeeds(counts);
    return `${mean.toFixed(1)}${half === undefined ? '' : ` ± ${half.toFixed(1)}`}`;
  };
  const per = (name) => runs.reduce((sum, row) => sum + row[name], 0) / runs.length;
  const count = new Set(runs.map(({ problem }) => problem)).size;
  const strictCount = new Set(runs.filter(hasStrictTests).map(({ problem }) => problem)).size;
  return [
    method.padEnd(9),
    String(bySeed.size).padStart(6),
    String(count).padStart(9),
    counted(isSolved).padStart(17),
    `${counted(isStrictlySolved, hasStrictTests)} of ${strictCount}`.padStart(21),
    per('tokens').toFixed(0).padStart(11),
    per('calls').toFixed(1).padStart(10),
    (per('ms') / 1000).toFixed(1).padStart(6),
  ].join(' ');
}

/** Each method against each other one, on the problems and seeds that both have tried. */
function comparisons(rows) {
  const find = new Map(rows.map((row) => [keyOf(row), row]));
  for (const [at, a] of methods.entries()) {
    for (const b of methods.slice(at + 1)) {
      const pairs = rows
        .filter(({ method }) => method === a)
        .flatMap((row) => {
          const other = find.get(keyOf({ ...row, method: b }));
          if (other === undefined) return [];
          return [{ problem: row.problem, a: Number(isSolved(row)), b: Number(isSolved(other)) }];
        });
      if (pairs.length === 0) continue;
      const { onlyA, onlyB, difference, low, high } = paired(pairs);
      const percent = (share) => `${(100 * share).toFixed(1)}`;
      console.log(
        `${b} against ${a}: ${percent(difference)} points [${percent(low)}, ${percent(high)}]; only ${b} ${onlyB}, only ${a} ${onlyA}, of ${pairs.length} runs`,
      );
    }
  }
}
