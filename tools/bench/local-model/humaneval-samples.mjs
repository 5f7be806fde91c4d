// HumanEval: what one greedy call solves, and what is solved by drawing samples until one
// passes the examples of the docstring. Problems that greedy fails and the first seed's
// samples solve are then tried with further seeds.
// Usage: node humaneval-samples.mjs [first] [last] [seeds] [samples] [temperature] [style]
import { startServer } from './client.mjs';
import { humanEval } from './humaneval.mjs';
import { judge } from './judge.mjs';
import { programOf, styles } from './styles.mjs';

const [
  first = '0',
  last = '163',
  seeds = '20',
  samples = '8',
  temperature = '0.7',
  style = 'signature-fenced',
] = process.argv.slice(2);
const rows = humanEval().slice(Number(first), Number(last) + 1);
const server = await startServer(2);
const total = {
  greedy: [],
  greedy_tokens: 0,
  sampled: [],
  sample_tokens: 0,
  wrong_picks: [],
  no_examples: 0,
};

async function draw(row, request) {
  const { messages, stop } = styles[style](row.problem);
  const { texts, usage } = await server.complete({ messages, stop, max_tokens: 200, ...request });
  const jobs = texts.map((text, index) => ({
    ...row,
    id: String(index),
    code: programOf(style, row.problem, text),
  }));
  return { verdicts: [...(await judge(jobs)).values()], tokens: usage.completion_tokens };
}

/** Whether the first sample that passes the examples is right; `undefined` when none passes. */
async function pickIsRight(row, seed) {
  const drawn = await draw(row, { temperature: Number(temperature), n: Number(samples), seed });
  total.sample_tokens += drawn.tokens;
  return drawn.verdicts.find((verdict) => verdict.visible)?.hidden;
}

for (const row of rows) {
  const number = row.id.replace(/\D+/g, '');
  const greedy = await draw(row, { temperature: 0 });
  total.greedy_tokens += greedy.tokens;
  if (greedy.verdicts[0].hidden) total.greedy.push(number);
  if (row.visible.length === 0) total.no_examples++;
  if (greedy.verdicts[0].hidden || row.visible.length === 0) continue;
  const right = await pickIsRight(row, 1);
  if (right === false) total.wrong_picks.push(number);
  if (right !== true) continue;
  total.sampled.push(number);
  let solved = 1;
  for (let seed = 2; seed <= Number(seeds); seed++) if (await pickIsRight(row, seed)) solved++;
  console.log(
    JSON.stringify({
      problem: number,
      greedy: 'failed',
      solved,
      of_seeds: Number(seeds),
      samples: Number(samples),
    }),
  );
}
console.log(JSON.stringify({ style, problems: rows.length, ...total }));
server.stop();
