// How often the tasks of examples/ are solved by one greedy call, and by drawing samples
// until one passes the visible checks. The pick is judged by the hidden tests.
// Usage: node examples.mjs [seeds] [most samples] [temperature] [style] [task …]
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { startServer } from './client.mjs';
import { judge } from './judge.mjs';
import { programOf, styles } from './styles.mjs';

const [seeds = '20', most = '16', temperature = '0.7', style = 'signature-fenced', ...wanted] =
  process.argv.slice(2);
const folder = fileURLToPath(new URL('../../../examples/', import.meta.url));
const tasks = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => parse(readFileSync(folder + name, 'utf8')))
  .filter((task) => wanted.length === 0 || wanted.includes(task.id));
const server = await startServer(2);

async function draw(task, request) {
  const { messages, stop } = styles[style](task.problem);
  const begun = performance.now();
  const { texts, usage } = await server.complete({ messages, stop, max_tokens: 160, ...request });
  const seconds = (performance.now() - begun) / 1_000;
  const jobs = texts.map((text, index) => ({
    id: String(index),
    code: programOf(style, task.problem, text),
    entry_point: task.entry_point,
    visible: task.visible_checks,
    hidden: task.hidden_tests,
  }));
  return { verdicts: [...(await judge(jobs)).values()], seconds, tokens: usage.completion_tokens };
}

for (const task of tasks) {
  const greedy = await draw(task, { temperature: 0 });
  const limits = [1, 4, 8, 16, 32].filter((limit) => limit <= Number(most));
  const solved = Object.fromEntries(limits.map((limit) => [limit, 0]));
  let passing = 0;
  let wrongPicks = 0;
  let seconds = 0;
  let tokens = 0;
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const drawn = await draw(task, { temperature: Number(temperature), n: Number(most), seed });
    seconds += drawn.seconds;
    tokens += drawn.tokens;
    passing += drawn.verdicts.filter((verdict) => verdict.visible && verdict.hidden).length;
    const pick = drawn.verdicts.findIndex((verdict) => verdict.visible);
    if (pick >= 0 && !drawn.verdicts[pick].hidden) wrongPicks++;
    for (const limit of limits) if (pick >= 0 && pick < limit && drawn.verdicts[pick].hidden) solved[limit]++;
  }
  console.log(
    JSON.stringify({
      task: task.id,
      greedy: greedy.verdicts[0].hidden ? 'solved' : 'failed',
      seeds: Number(seeds),
      solved_by_samples: solved,
      wrong_picks: wrongPicks,
      pass_rate: Number((passing / Number(seeds) / Number(most)).toFixed(3)),
      greedy_seconds: Number(greedy.seconds.toFixed(2)),
      seconds_per_sample: Number((seconds / Number(seeds) / Number(most)).toFixed(2)),
      tokens_per_sample: Math.round(tokens / Number(seeds) / Number(most)),
    }),
  );
}
server.stop();
