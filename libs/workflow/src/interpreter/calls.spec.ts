import { describe, expect, it } from 'vitest';
import type { OperatorRequest } from './operator-port.js';
import { runSource, stubOperator } from './testing/run-source.js';

/** Holds operator calls until the test lets them go. */
class Gate {
  readonly waiting: { readonly input: string; readonly open: () => void }[] = [];

  readonly delay = (request: OperatorRequest): Promise<void> =>
    new Promise((open) => {
      this.waiting.push({ input: request.arguments.get('input')?.text ?? request.operator, open });
    });

  get inputs(): string[] {
    return this.waiting.map(({ input }) => input);
  }

  /** Waits until as many calls have come, and never longer than they need. */
  async until(count: number): Promise<void> {
    while (this.waiting.length < count) await new Promise(setImmediate);
  }

  /** Gives the run time to begin what it can. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
  }

  open(input: string): void {
    const index = this.waiting.findIndex((call) => call.input === input);
    this.waiting.splice(index, 1)[0]?.open();
  }

  openAll(): void {
    for (const { open } of this.waiting.splice(0)) open();
  }
}

describe('operator calls', () => {
  it('begin at once when they do not need each other', async () => {
    const gate = new Gate();
    const run = runSource(
      `xs = []
for i in range(3):
    r = await self.custom(input=str(i))
    xs.append(r['response'])
best = await self.sc_ensemble(solutions=xs)
return best['response']`,
      { delay: gate.delay },
    );
    await gate.until(3);
    await gate.settle();
    expect(gate.inputs).toEqual(['0', '1', '2']);
    gate.openAll();
    await gate.until(1);
    expect(gate.inputs).toEqual(['sc_ensemble']);
    gate.openAll();
    expect((await run).outcome).toMatchObject({ status: 'succeeded', answer: '<0>' });
  });

  it('that need text of others begin as soon as these have ended', async () => {
    const gate = new Gate();
    const run = runSource(
      `xs = []
for i in range(2):
    draft = await self.custom(input=f"d{i}")
    better = await self.custom(input=f"b{draft['response']}")
    xs.append(better['response'])
return str(xs)`,
      { delay: gate.delay },
    );
    await gate.until(2);
    await gate.settle();
    expect(gate.inputs).toEqual(['d0', 'd1']);
    gate.open('d1');
    await gate.until(2);
    expect(gate.inputs).toEqual(['d0', 'b<d1>']);
    gate.openAll();
    await gate.until(1);
    gate.openAll();
    expect((await run).outcome).toMatchObject({ answer: "['<b<d0>>', '<b<d1>>']" });
  });

  it('are not begun behind a test that is still open', async () => {
    const gate = new Gate();
    const run = runSource(
      `a = await self.custom(input='a')
if 'a' in a['response']:
    b = await self.custom(input='b')
    return b['response']
c = await self.custom(input='c')
return c['response']`,
      { delay: gate.delay },
    );
    await gate.until(1);
    await gate.settle();
    expect(gate.inputs).toEqual(['a']);
    gate.openAll();
    await gate.until(1);
    expect(gate.inputs).toEqual(['b']);
    gate.openAll();
    expect((await run).outcome).toMatchObject({ answer: '<b>' });
  });

  it('keep to the concurrency limit', async () => {
    let open = 0;
    let most = 0;
    const { outcome } = await runSource(
      `xs = [await self.custom(input=str(i)) for i in range(10)]
return str(len([x['response'] for x in xs]))`,
      {
        concurrency: 3,
        delay: async () => {
          most = Math.max(most, ++open);
          await new Promise(setImmediate);
          open -= 1;
        },
      },
    );
    expect(outcome).toMatchObject({ status: 'succeeded', answer: '10' });
    expect(most).toBe(3);
  });

  it('take what they are given as it was then', async () => {
    const gate = new Gate();
    const run = runSource(
      `r = await self.custom(input='x')
xs = [r['response']]
best = await self.sc_ensemble(solutions=xs)
xs.insert(0, 'later')
return best['response'] + str(len(xs))`,
      { delay: gate.delay },
    );
    await gate.until(1);
    gate.openAll();
    await gate.until(1);
    gate.openAll();
    expect((await run).outcome).toMatchObject({ answer: '<x>2' });
  });

  it('are awaited at the end of a try, and what came after a failure is taken back', async () => {
    const gate = new Gate();
    const run = runSource(
      `xs = []
last = 'none'
try:
    for i in range(3):
        r = await self.custom(input='FAIL' if i == 1 else str(i))
        xs.append(r['response'])
        last = str(i)
except Exception as error:
    xs.append(str(error))
return f"{xs} {last}"`,
      { delay: gate.delay },
    );
    await gate.until(3);
    gate.open('2');
    gate.open('FAIL');
    await gate.settle();
    gate.openAll();
    expect((await run).outcome).toMatchObject({ answer: "['<0>', 'failed: FAIL'] 0" });
  });

  it('that fail unheard end the run, the first in program order', async () => {
    const { outcome } = await runSource(
      `a = await self.custom(input='FAIL 1')
b = await self.custom(input='FAIL 2')
return b['response']`,
      { delay: (request) => (request.place.endsWith('1') ? new Promise(setImmediate) : Promise.resolve()) },
    );
    expect(outcome).toMatchObject({ status: 'failed', errorType: 'RuntimeError', message: 'failed: FAIL 1' });
  });

  it('are waited for before usage is read', async () => {
    let finished = 0;
    const { outcome } = await runSource(
      `a = await self.custom(input='a')
b = await self.custom(input='b')
n = self.llm.get_usage_summary()['call_count']
return f"{n} {a['response']}"`,
      {
        callOperator: async (request) => {
          await new Promise(setImmediate);
          finished += 1;
          return stubOperator(request);
        },
        usage: () => ({ total_cost: 0, total_input_tokens: 0, total_output_tokens: 0, call_count: finished }),
      },
    );
    expect(outcome).toMatchObject({ answer: '2 <a>' });
  });

  it('end within 200 ms of a cancellation, and are told', async () => {
    const abort = new AbortController();
    let told = false;
    const run = runSource(
      `a = await self.custom(input='a')
return a['response']`,
      {
        signal: abort.signal,
        callOperator: (request) =>
          new Promise((_, reject) => {
            request.signal.addEventListener('abort', () => {
              told = true;
              reject(new Error('aborted'));
            });
            setImmediate(() => {
              abort.abort();
            });
          }),
      },
    );
    const startedAt = performance.now();
    expect((await run).outcome.status).toBe('cancelled');
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(told).toBe(true);
  });

  it('end the run when they fail by something that is no Python error', async () => {
    const cause = new Error('the wire is cut');
    const { outcome } = await runSource(
      `try:
    a = await self.custom(input='a')
except Exception:
    return 'caught'
return a['response']`,
      { callOperator: () => Promise.reject(cause) },
    );
    expect(outcome).toMatchObject({ status: 'stopped', cause });
  });
});
