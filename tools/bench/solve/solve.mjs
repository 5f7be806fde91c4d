// Solves tasks with several policies on the local model, side by side in one
// run, and prints how many each solves and at what cost:
//
//   node tools/bench/solve/solve.mjs [--data FILE --problems 0-9 | TASK.yaml ...] [--policies fixed:single,search,llm] [--seeds 0]
//
// --data names HumanEval rows; without it and without task files the tasks of
// examples/ are solved. "visible" counts runs whose answer passes the visible
// checks, "hidden" those whose answer passes every hidden test. Build first
// (./flow --version).
import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startFlow } from './flow-server.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    problems: { type: 'string', default: '0-9' },
    policies: { type: 'string', default: 'fixed:single,search,llm' },
    seeds: { type: 'string', default: '0' },
    rounds: { type: 'string' },
    'budget-tokens': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
if (values.data !== undefined && !existsSync(values.data)) {
  console.error(
    `${values.data} is missing: --data names HumanEval rows (humaneval.jsonl), one JSON object a line`,
  );
  process.exit(64);
}
const numbers = (text) =>
  text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
const policies = values.policies.split(',');
const examples = readdirSync(join(root, 'examples')).map((name) => join(root, 'examples', name));
const files = positionals.length > 0 ? positionals : examples.filter((name) => name.endsWith('.yaml'));
/** What is solved: a short name, and the arguments of `flow solve` for it. */
const tasks =
  values.data === undefined
    ? files.map((file) => ({ name: basename(file, '.yaml'), args: ['--task', file] }))
    : numbers(values.problems).map((number) => ({
        name: `HumanEval/${number}`,
        args: ['--task', `humaneval:HumanEval/${number}`, '--data', values.data],
      }));
const seeds = numbers(values.seeds);

const flow = await startFlow();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void flow.stop().then(() => process.exit(130)));

const totals = new Map(
  policies.map((policy) => [policy, { runs: 0, visible: 0, hidden: 0, calls: 0, tokens: 0, ms: 0, ids: [] }]),
);
for (const seed of seeds) {
  for (const { name, args } of tasks) {
    for (const policy of policies) {
      const result = await flow.solve([
        ...args,
        ...['--policy', policy, '--seed', String(seed)],
        ...(values.rounds === undefined ? [] : ['--max-rounds', values.rounds]),
        ...(values['budget-tokens'] === undefined ? [] : ['--budget-tokens', values['budget-tokens']]),
      ]);
      const total = totals.get(policy);
      const hidden =
        result.hidden !== null && result.hidden !== undefined && result.hidden.passed === result.hidden.total;
      const visible =
        result.visible !== null &&
        result.visible !== undefined &&
        result.visible.passed === result.visible.total;
      total.runs += 1;
      total.visible += visible ? 1 : 0;
      total.hidden += hidden ? 1 : 0;
      total.calls += result.usage?.model_calls ?? 0;
      total.tokens += (result.usage?.prompt_tokens ?? 0) + (result.usage?.completion_tokens ?? 0);
      total.ms += result.duration_ms ?? 0;
      if (hidden) total.ids.push(seeds.length > 1 ? `${name}@${seed}` : name);
      const words = `${name} seed ${seed} ${policy}: ${result.status ?? result.message}, hidden ${hidden ? 'pass' : 'fail'}, ${result.rounds ?? 0} rounds, ${result.usage?.model_calls ?? 0} calls`;
      console.error(words);
    }
  }
}
await flow.stop();

if (values.json) console.log(JSON.stringify(Object.fromEntries(totals)));
else {
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}, local model`,
  );
  console.log('policy            runs  visible  hidden  calls/run  tokens/run  s/run  solved (hidden)');
  for (const [policy, total] of totals) {
    const per = (value) => (value / total.runs).toFixed(1);
    console.log(
      `${policy.padEnd(16)}  ${String(total.runs).padStart(4)}  ${String(total.visible).padStart(7)}  ${String(total.hidden).padStart(6)}  ${per(total.calls).padStart(9)}  ${per(total.tokens).padStart(10)}  ${per(total.ms / 1000).padStart(5)}  ${total.ids.join(' ')}`,
    );
  }
}
