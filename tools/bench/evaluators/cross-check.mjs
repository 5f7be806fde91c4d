// Holds the evaluators against public data: each gold answer must equal itself
// under the variations in which models write answers, and no other row's:
//
//   node tools/bench/evaluators/cross-check.mjs [--data DIR]
//
// DIR (default ../shared/data) holds gsm8k_validate, math_validate,
// drop_validate and hotpotqa_sample, one JSON object a line.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: { data: { type: 'string', default: join(root, '../shared/data') } },
});
const file = (name) => join(values.data, `${name}.jsonl`);
for (const name of ['gsm8k_validate', 'math_validate', 'drop_validate', 'hotpotqa_sample']) {
  if (existsSync(file(name))) continue;
  console.error(`${file(name)} is missing: --data names the folder that holds it`);
  process.exit(64);
}
const rows = (name) =>
  readFileSync(file(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const folder = join(root, 'dist/bench/evaluators');
mkdirSync(folder, { recursive: true });
await build({
  entryPoints: [join(root, 'libs/evaluate/src/index.ts')],
  outfile: join(folder, 'evaluate.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  external: Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies),
  logLevel: 'warning',
});
cpSync(join(root, 'libs/evaluate/src/maths/math-worker'), join(folder, 'math-worker'), { recursive: true });
const { createAnswerJudge } = await import(join(folder, 'evaluate.js'));

const judge = createAnswerJudge();
const request = { problem: '', tenant: 'bench', signal: new AbortController().signal };
const passes = async (rule, answer) => (await judge.judge({ rule }, { ...request, answer })).passed;

const mathRule = (accepted) => ({ $case: 'math', value: { accepted: [accepted] } });
const textRule = (accepted, measure) => ({ $case: 'text', value: { accepted, measure, passScore: 0 } });
const lastBoxed = (solution) => {
  const start = solution.lastIndexOf('\\boxed{') + 7;
  let depth = 1;
  let end = start;
  for (; depth > 0; end++) depth += solution[end] === '{' ? 1 : solution[end] === '}' ? -1 : 0;
  return solution.slice(start, end - 1);
};
const mathVariations = (gold) => [
  gold,
  `\\boxed{${gold}}`,
  `We compute step by step. Therefore the result is $\\boxed{${gold}}$, as required.`,
  `The answer is $${gold}$.`,
  `Some reasoning.\n\nAnswer: ${gold}`,
  `#### ${gold}`,
  gold.replaceAll('\\frac', '\\dfrac').replaceAll(' ', ''),
  `\\left(${gold}\\right)`.replace(/^\\left\((?=.*,)(.*)\\right\)$/, '$1'),
];
const textVariations = (gold) => [
  gold,
  `${gold}.`,
  gold.toUpperCase(),
  `the ${gold}`,
  `Answer: ${gold}`,
  `It follows from the text.\n**Answer:** ${gold}`,
];

const suites = [
  [
    'gsm8k',
    rows('gsm8k_validate').map((row) => ({
      rule: mathRule(row.answer),
      golds: [row.answer],
      vary: mathVariations,
    })),
  ],
  [
    'math',
    rows('math_validate')
      .map((row) => lastBoxed(row.solution))
      .map((gold) => ({ rule: mathRule(gold), golds: [gold], vary: mathVariations })),
  ],
  [
    'hotpotqa',
    rows('hotpotqa_sample').map((row) => ({
      rule: textRule([row.answer], 1),
      golds: [row.answer],
      vary: textVariations,
    })),
  ],
  [
    'drop',
    rows('drop_validate')
      .map((row) => row.ref_text.split('|'))
      .map((golds) => ({ rule: textRule(golds, 3), golds, vary: textVariations })),
  ],
];

let failed = 0;
for (const [name, cases] of suites) {
  const startedAt = performance.now();
  let tried = 0;
  const missed = [];
  let confused = 0;
  for (const [index, { rule, golds, vary }] of cases.entries()) {
    for (const variation of golds.flatMap(vary)) {
      tried += 1;
      if (!(await passes(rule, variation)))
        missed.push(`${golds[0]}  <-  ${variation.replaceAll('\n', ' ')}`);
    }
    const other = cases[(index + 1) % cases.length].golds[0];
    if (!golds.includes(other) && (await passes(rule, other))) {
      confused += 1;
      missed.push(`${golds[0]}  taken for  ${other}`);
    }
  }
  failed += missed.length;
  const ms = (performance.now() - startedAt) / tried;
  console.log(
    `${name.padEnd(9)} ${cases.length} rows, ${tried} variations, ${missed.length - confused} missed, ${confused} confused, ${ms.toFixed(2)} ms each`,
  );
  for (const line of missed.slice(0, 20)) console.log(`  ${line}`);
}
await judge.close();
process.exitCode = failed === 0 ? 0 : 1;
