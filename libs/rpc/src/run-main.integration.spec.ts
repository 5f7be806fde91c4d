import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { afterTest } from './spec-support.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../../..');

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A process that runs `main` as the body of a service's main function. */
async function start(
  name: string,
  main: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
) {
  const outfile = join(root, 'node_modules/.cache', `run-main-${name}-${process.pid}.mjs`);
  await build({
    stdin: {
      contents: `import { FlowError, runMain, startServer, untilStopped } from './index.ts';
        import { ConfigError } from '@flowreasoner/config';
        const help = () => 'VARIABLES';
        await runMain({ service: 'test', version: '1.0.0', help }, async ({ signal, logger }) => { ${main} });`,
      resolveDir: here,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    external: ['@grpc/*', 'grpc-health-check', 'pino', '@opentelemetry/*', 'zod', '@bufbuild/*'],
    logLevel: 'error',
  });
  afterTest(() => rmSync(outfile, { force: true }));
  const child = spawn(process.execPath, [outfile, ...args], { env: { PATH: process.env['PATH'], ...env } });
  afterTest(() => child.kill('SIGKILL'));
  let output = '';
  const seen = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      seen.forEach((look) => look());
    });
  }
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, output })));
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      seen.add(look);
      look();
    });
  return { child, ended, says };
}

describe('runMain', () => {
  it('drains on SIGTERM and on SIGINT and ends with 0', async () => {
    const main = `const server = await startServer({ address: '127.0.0.1:0', services: [], logger });
      await untilStopped(signal); await server.drain(1000);`;
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      const { child, ended, says } = await start(name, main);
      await says('"listening"');
      child.kill(name);
      const { code, output } = await ended;
      expect(output).toContain('"drained"');
      expect(code).toBe(0);
    }
  });

  it('ends at once on a second signal', async () => {
    const { child, ended, says } = await start(
      'twice',
      `logger.info('up'); setInterval(() => {}, 1000); await new Promise(() => {});`,
    );
    await says('"up"');
    child.kill('SIGTERM');
    await says('"stopping"');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it('ends with 0 where main stops because it was told to', async () => {
    const main = `logger.info('up'); await new Promise((_, reject) => {
      const wait = setInterval(() => {}, 1000);
      signal.addEventListener('abort', () => { clearInterval(wait); reject(signal.reason); }); });`;
    const { child, ended, says } = await start('told', main);
    await says('"up"');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('prints its help and runs nothing', async () => {
    const { ended } = await start('help', `throw new Error('it ran');`, {}, ['--help']);
    expect(await ended).toEqual({ code: 0, output: 'VARIABLES\n' });
  });

  it('ends with the code of the error, and one line for people', async () => {
    const cases: [name: string, main: string, code: number, text: string][] = [
      [
        'config',
        `throw new ConfigError([{ variable: 'FLOW_X', message: 'is wrong' }]);`,
        78,
        'FLOW_X: is wrong',
      ],
      ['input', `throw new FlowError('INVALID_ARGUMENT', 'R', 'bad input');`, 64, 'bad input'],
      ['unavailable', `throw new FlowError('UNAVAILABLE', 'R', 'no model');`, 69, 'no model'],
      ['budget', `throw new FlowError('DEADLINE_EXCEEDED', 'R', 'too late');`, 75, 'too late'],
      ['fault', `throw new Error('oops');`, 70, 'unexpected error'],
      [
        'stray',
        `setTimeout(() => { throw new Error('stray'); }); await new Promise(() => setInterval(() => {}, 1000));`,
        70,
        'stray',
      ],
      [
        'rejection',
        `void Promise.reject(new Error('lost')); await new Promise(() => setInterval(() => {}, 1000));`,
        70,
        'lost',
      ],
    ];
    for (const [name, main, expected, text] of cases) {
      const { code, output } = await (await start(name, main)).ended;
      expect(output, name).toContain(text);
      expect(code, name).toBe(expected);
      for (const line of output.trim().split('\n'))
        expect(JSON.parse(line), name).toMatchObject({ service: 'test' });
    }
  });

  it('does not wait for what main has left behind', async () => {
    const { code } = await (await start('left', `setInterval(() => {}, 1000);`)).ended;
    expect(code).toBe(0);
  });

  it('refuses a log level that is none', async () => {
    const { code, output } = await (await start('level', ``, { FLOW_LOG_LEVEL: 'loud' })).ended;
    expect(output).toContain('FLOW_LOG_LEVEL');
    expect(output).not.toContain('    at ');
    expect(code).toBe(78);
  });
});
