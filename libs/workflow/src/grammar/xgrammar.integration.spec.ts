import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { parseGbnf, sampleGbnf } from '../testing/gbnf.js';
import { seededRandom } from '../testing/random.js';
import { workflowGrammar } from './grammar.js';
import type { GrammarOptions } from './grammar.js';

const SAMPLES = process.env['FLOW_FULL'] === '1' ? 10_000 : 300;
const PACKAGES = ['xgrammar==0.2.8', 'apache-tvm-ffi==0.1.15.post2', 'typing-extensions==4.15.0'];
const SCRIPT = fileURLToPath(new URL('xgrammar.py', import.meta.url));

interface Answer {
  readonly error?: string;
  readonly accepted?: readonly boolean[];
}

describe('xgrammar', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xgrammar-'));
  beforeAll(() => {
    // Without the gigabytes of torch that it names and the grammar engine doesn't use.
    install(['--no-deps', ...PACKAGES]);
    install(['pydantic==2.12.4']);
  }, 300_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function install(what: readonly string[]): void {
    const args = ['-m', 'pip', 'install', '--quiet', '--target', folder, '--no-warn-conflicts', ...what];
    const run = spawnSync('python3', args, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`pip could not install ${what.join(' ')}: ${run.stderr}`);
  }

  function ask(grammar: string, texts: readonly string[] = []): Answer {
    const run = spawnSync('python3', [SCRIPT, folder], {
      input: JSON.stringify({ grammar, texts }),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout) as Answer;
  }

  const cases: [string, GrammarOptions][] = [
    ['all operators', {}],
    ['code tasks', { operators: ['custom', 'custom_code_generate', 'sc_ensemble', 'test'] }],
    ['twelve steps', { operators: ['custom', 'sc_ensemble'], maxStatements: 12 }],
  ];

  it.each(cases)('accepts what the grammar for %s gives, and nothing that is cut or broken', (_, options) => {
    const text = workflowGrammar(options);
    const grammar = parseGbnf(text);
    const random = seededRandom(4);
    const programs = Array.from({ length: Math.ceil(SAMPLES / cases.length) }, () =>
      sampleGbnf(grammar, 'root', random),
    );
    const broken = programs
      .slice(0, 100)
      .map((program, i) =>
        [program.slice(0, -12), program.replace('await ', ''), `${program}x`, program.replace('"', "'")].at(
          i % 4,
        ),
      ) as string[];
    const { error, accepted } = ask(text, [...programs, ...broken]);
    expect(error).toBeUndefined();
    expect(accepted?.slice(0, programs.length).findIndex((one) => !one)).toBe(-1);
    expect(accepted?.slice(programs.length).findIndex((one) => one)).toBe(-1);
  });

  it('accepts the normal form of each program', () => {
    const random = seededRandom(6);
    const text = workflowGrammar();
    const grammar = parseGbnf(text);
    const normal = Array.from(
      { length: SAMPLES },
      () => checkWorkflow(sampleGbnf(grammar, 'root', random)).normalForm,
    );
    // The root rule puts the tags around it; a program may also be decoded alone.
    const { error, accepted } = ask(text.replace(/^root ::= .*$/m, 'root ::= program'), normal);
    expect(error).toBeUndefined();
    expect(accepted?.findIndex((one) => !one)).toBe(-1);
  });

  it('refuses programs whose structure is left out', () => {
    const options = { operators: ['custom', 'sc_ensemble'], maxStatements: 3 };
    const tried = checkWorkflow(
      sampleGbnf(parseGbnf(workflowGrammar(options)), 'root', seededRandom(7)),
    ).normalForm;
    const alone = (text: string): string => text.replace(/^root ::= .*$/m, 'root ::= program');
    expect(ask(alone(workflowGrammar(options)), [tried]).accepted).toEqual([true]);
    expect(ask(alone(workflowGrammar({ ...options, exclude: [tried] })), [tried]).accepted).toEqual([false]);
  });

  it('says what is wrong with a broken grammar, so that the checks above mean something', () => {
    expect(ask(workflowGrammar().replace(/^ret-1 .*$/m, '')).error).toContain('not defined');
  });
});
