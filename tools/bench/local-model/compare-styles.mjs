// Which prompt style solves most of HumanEval with one greedy call.
// Usage: node compare-styles.mjs [problems] [style …]
import { mapLimited, startServer } from './client.mjs';
import { humanEval } from './humaneval.mjs';
import { judge } from './judge.mjs';
import { programOf, styles } from './styles.mjs';

const [count = '164', ...wanted] = process.argv.slice(2);
const problems = humanEval().slice(0, Number(count));
const server = await startServer(2);
for (const style of wanted.length > 0 ? wanted : Object.keys(styles)) {
  const begun = performance.now();
  let tokens = 0;
  const jobs = await mapLimited(problems, 2, async (row) => {
    const { messages, stop } = styles[style](row.problem);
    const { texts, usage } = await server.complete({ messages, stop, temperature: 0, max_tokens: 256 });
    tokens += usage.completion_tokens;
    return { ...row, code: programOf(style, row.problem, texts[0]) };
  });
  const seconds = (performance.now() - begun) / 1_000;
  const verdicts = [...(await judge(jobs)).values()];
  const solved = verdicts
    .filter((verdict) => verdict.hidden)
    .map((verdict) => verdict.id.replace(/\D+/g, ''));
  console.log(
    JSON.stringify({
      style,
      solved: solved.length,
      of: problems.length,
      seconds: Math.round(seconds),
      completion_tokens: tokens,
      ids: solved.join(' '),
    }),
  );
}
server.stop();
