import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createClient, waitForReady } from '@flowreasoner/rpc';
import { startApp, type AppProcess } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { workflowGrammar } from '../grammar/grammar.js';
import { readCorpus } from '../testing/corpus.js';
import { parseGbnf, sampleGbnf } from '../testing/gbnf.js';
import { seededRandom } from '../testing/random.js';
import { enrich } from './enrich.js';
import { type Behaviour, runByInterpreter } from './run-by-interpreter.js';
import { type BothCase, runAsPython } from './run-in-sandbox.js';

const PROBLEMS = ['def solve(x):\n    """Double x."""', 'How many legs have 3 cats?', '12 + 30 = ?'];
const COUNT = process.env['FLOW_FULL'] === '1' ? 2_000 : 200;

/** The program as it was written; its normal form where something had to be mended or it stands among other text. */
function pythonText(source: string): string {
  const { diagnostics, normalForm } = checkWorkflow(source);
  const isBare = /^\s*(?:from|import|class|[A-Z])/.test(source) && !source.includes('```');
  return isBare && diagnostics.length === 0 ? source : normalForm;
}

async function expectSame(item: BothCase, python: Behaviour | undefined): Promise<void> {
  expect(await runByInterpreter(item), `${item.name} on ${item.problem}\n${item.python}`).toEqual(python);
}

describe('against Python in the sandbox with the same stub operators', () => {
  const folder = mkdtempSync(join(tmpdir(), 'differential-'));
  const address = `unix:${folder}/sandbox.sock`;
  let app: AppProcess;
  let sandbox: SandboxServiceClient;
  const corpus = readCorpus().filter(({ source }) => checkWorkflow(source).valid);
  const cases = corpus.flatMap(({ name, source }) =>
    PROBLEMS.map((problem) => ({ name, source, python: pythonText(source), problem })),
  );
  let python: Behaviour[];
  beforeAll(async () => {
    app = startApp('sandbox', { env: { FLOW_SANDBOX_ADDRESS: address } });
    sandbox = createClient(SandboxServiceClient, { address, maxMessageBytes: 32 * 1024 * 1024 });
    await waitForReady(sandbox, 30_000);
    python = await runAsPython(sandbox, cases);
  }, 120_000);
  afterAll(async () => {
    sandbox.close();
    await app.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes at least 60 programs of the corpus, most as they are written', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    const asWritten = corpus.filter(({ source }) => pythonText(source) === source);
    expect(asWritten.length).toBeGreaterThanOrEqual(40);
  });

  it('sees programs call operators and succeed, and operators fail', () => {
    const succeeded = python.filter(({ status, calls }) => status === 'succeeded' && calls.length > 0);
    expect(succeeded.length).toBeGreaterThan(cases.length / 2);
    expect(python.some(({ value }) => value === 'RuntimeError')).toBe(true);
    // These would say that the harness lacks something, not the program.
    const broken = ['NameError', 'SyntaxError', 'ImportError'];
    expect(python.filter(({ status, value }) => status === 'failed' && broken.includes(value))).toEqual([]);
  });

  it.each(corpus)('$name makes the same calls and gives the same result', async ({ name }) => {
    for (const [i, item] of cases.entries()) if (item.name === name) await expectSame(item, python[i]);
  });

  it(`so do ${COUNT} programs of the grammar with richer expressions and statements in them`, async () => {
    const grammar = parseGbnf(workflowGrammar());
    const random = seededRandom(5);
    const programs = Array.from({ length: COUNT }, (_, i) => {
      const source = enrich(sampleGbnf(grammar, 'program', random), random);
      const errors = checkWorkflow(source).diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors, source).toEqual([]);
      return { name: `program ${i}`, source, python: source, problem: PROBLEMS[i % 3] ?? '' };
    });
    const results = await runAsPython(sandbox, programs);
    const differing: object[] = [];
    for (const [i, item] of programs.entries()) {
      const own = await runByInterpreter(item);
      if (!isDeepStrictEqual(own, results[i])) differing.push({ ...item, own, python: results[i] });
    }
    expect(differing).toEqual([]);
    expect(results.filter(({ calls }) => calls.length > 1).length).toBeGreaterThan(COUNT / 4);
  }, 1_800_000);
});
