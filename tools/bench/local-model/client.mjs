// Starts the built model server and asks it for completions.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program =
  process.env.MODEL_SERVER ??
  fileURLToPath(new URL('../../../dist/apps/model-server/main.js', import.meta.url));

/** @param {number} workers */
export async function startServer(workers) {
  if (!existsSync(program)) throw new Error(`${program} is missing: build first`);
  const child = spawn(process.execPath, [program, `--workers=${workers}`, '--max-waiting=1000'], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const ready = JSON.parse(line);
  if (ready.event !== 'ready') throw new Error(line);
  return {
    url: ready.url,
    model: ready.model,
    stop: () => child.kill(),
    /** @returns {Promise<{texts: string[], usage: {prompt_tokens: number, completion_tokens: number}}>} */
    async complete(request) {
      const response = await fetch(`${ready.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: ready.model, ...request }),
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(JSON.stringify(answer));
      return { texts: answer.choices.map((choice) => choice.message.content), usage: answer.usage };
    },
  };
}

/** Runs `work` on every item, `width` at a time, and keeps their order. */
export async function mapLimited(items, width, work) {
  const results = new Array(items.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < items.length) {
        const index = next++;
        results[index] = await work(items[index], index);
      }
    }),
  );
  return results;
}
