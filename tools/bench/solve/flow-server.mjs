// `flow serve` on a store of its own, and commands of the product against it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const command = join(root, 'node_modules/node/bin/node');
const base = ['--disable-warning=ExperimentalWarning', join(root, 'dist/apps/cli/main.js')];

/**
 * Starts the services with the local model; `solve` runs `flow solve`, calls back
 * with each line of JSON and a way to cancel the run, and resolves to the last line.
 */
export async function startFlow() {
  const home = mkdtempSync(join(tmpdir(), 'flow-bench-'));
  const env = { ...process.env, FLOW_HOME: home };
  delete env.OPENAI_BASE_URL;
  const server = spawn(command, [...base, 'serve', '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const ready = await Promise.race([
    new Promise((resolve) =>
      createInterface({ input: server.stdout }).on('line', (line) => {
        const message = JSON.parse(line);
        if (message.event === 'ready') resolve(message);
      }),
    ),
    ended.then(([code]) => Promise.reject(new Error(`flow serve ended with ${code}`))),
  ]);
  const address = `${ready.grpc['meta-agent']},${ready.grpc.reward}`;
  return {
    solve(args, onLine = () => undefined) {
      return new Promise((resolve) => {
        const child = spawn(command, [...base, 'solve', '--json', '--server', address, ...args], {
          env,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let last = {};
        createInterface({ input: child.stdout }).on('line', (line) => {
          last = JSON.parse(line);
          onLine(last, () => child.kill('SIGINT'));
        });
        child.once('close', (code) => resolve({ ...last, code }));
      });
    },
    async stop() {
      server.kill('SIGTERM');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
