// How long the local model takes to start, to its first token and for each further one.
// Usage: node latency.mjs [workers]
import { startServer } from './client.mjs';

const workers = Number(process.argv[2] ?? 2);
const seconds = (since) => Number(((performance.now() - since) / 1_000).toFixed(2));
const started = performance.now();
const server = await startServer(workers);
const readySeconds = seconds(started);

const messages = [{ role: 'user', content: 'Tell me of the sea. ' + 'It is wide and blue. '.repeat(40) }];

async function firstToken() {
  const begun = performance.now();
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: server.model, messages, max_tokens: 1, temperature: 0, stream: true }),
  });
  await response.text();
  return seconds(begun);
}

const firstTokenSeconds = await firstToken();
const cachedFirstTokenSeconds = await firstToken();
// A grammar that never ends keeps every answer at its full length.
const request = { messages, max_tokens: 200, temperature: 0.8, seed: 1, grammar: 'root ::= [a-z ]+' };
const begun = performance.now();
const { usage } = await server.complete({ ...request, n: 2 * workers });
const rate = usage.completion_tokens / ((performance.now() - begun) / 1_000);
console.log(
  JSON.stringify({
    workers,
    ready_seconds: readySeconds,
    prompt_tokens: usage.prompt_tokens,
    first_token_seconds: firstTokenSeconds,
    first_token_seconds_cached: cachedFirstTokenSeconds,
    tokens_per_second: Math.round(rate),
  }),
);
server.stop();
