import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundle = fileURLToPath(new URL('../../../../dist/apps/cli/main.js', import.meta.url));

/** What a command did. */
export interface FlowResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Objects of the lines of standard output, where they are JSON. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** A command that is running. */
export interface RunningFlow {
  readonly child: ChildProcess;
  readonly result: Promise<FlowResult>;
  /** Resolves once standard output or error holds `text`. */
  until(text: string): Promise<void>;
  /** The first line of standard output that holds `text`, once it is there. */
  line(text: string): Promise<Readonly<Record<string, unknown>>>;
}

/** How a command is started. */
export interface FlowOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** The built command line on a home folder of its own. */
export class FlowHome {
  private constructor(readonly folder: string) {}

  /** Makes a home; the command line must have been built. */
  static async create(): Promise<FlowHome> {
    if (!existsSync(bundle)) throw new Error('build first: ./flow --version, or node tools/build/build.mjs');
    return new FlowHome(await mkdtemp(join(tmpdir(), 'flow-test-')));
  }

  /** Starts a command. */
  start(args: readonly string[], options: FlowOptions = {}): RunningFlow {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', bundle, ...args], {
      env: { ...process.env, FLOW_HOME: this.folder, OPENAI_API_KEY: '', NO_COLOR: '1', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const waiting = new Set<() => void>();
    const note = (): void => waiting.forEach((check) => check());
    child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), note()));
    child.stderr.setEncoding('utf8').on('data', (text: string) => ((stderr += text), note()));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const result = new Promise<FlowResult>((resolve) =>
      child.once('close', (code) => resolve({ code, stdout, stderr, lines: parseLines(stdout) })),
    );
    const find = <T>(text: string, look: () => T | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = look();
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
        void result.then(() => reject(new Error(`the command ended without ${text}: ${stdout}${stderr}`)));
      });
    return {
      child,
      result,
      until: async (text) =>
        void (await find(text, () => stdout.includes(text) || stderr.includes(text) || undefined)),
      line: (text) =>
        find(text, () =>
          // The last piece is a line that may still be on its way.
          parseLines(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).find((line) =>
            JSON.stringify(line).includes(text),
          ),
        ),
    };
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], options: FlowOptions = {}): Promise<FlowResult> {
    return await this.start(args, options).result;
  }

  /** Processes that still have this home in their environment. */
  async processes(): Promise<string[]> {
    const found: string[] = [];
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
      const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
      if (!environment.includes(this.folder)) continue;
      found.push((await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '));
    }
    return found.filter((command) => command !== '');
  }

  /** Removes the home. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function parseLines(text: string): Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
