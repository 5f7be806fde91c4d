// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { randomUUID } from 'node:crypto';
import { Task } from '@flowreasoner/contracts/metaagent';
import { openPostgresJournal } from '@flowreasoner/meta-agent';

/** Appends small events of 64 runs, ten at a time, as fast as the journal takes them. */
export async function measureJournal(url, events) {
  const journal = await openPostgresJournal({ url });
  const writers = await Promise.all(Array.from({ length: 64 }, () => createRun(journal)));
  const each = Math.ceil(events / writers.length / 10);
  const start = performance.now();
  await Promise.all(writers.map((writer) => write(journal, writer, each)));
  const seconds = (performance.now() - start) / 1000;
  const written = each * 10 * writers.length;
  console.log(
    `journal: ${written} events in ${seconds.toFixed(2)} s, ${Math.round(written / seconds)} events/s`,
  );
  // They are not to be worked on by what is measured next.
  for (const { run } of writers) {
    const { sequence } = run;
    await append(
      journal,
      run,
      sequence,
      [event(run.id, sequence + 1n, { $case: 'runFinished', value: {} })],
      3,
    );
  }
  await journal.close();
}

async function createRun(journal) {
  const id = randomUUID();
  const created = { task: Task.fromPartial({ problem: 'x' }), options: undefined };
  await journal.createRun({
    id,
    tenant: 'bench',
    requestId: '',
    requestHash: Uint8Array.of(1),
    created,
    event: event(id, 1n, { $case: 'runCreated', value: created }),
    run: state(id, 1n, 1),
    maxQueued: 1_000,
    quota: {},
  });
  const claim = await journal.claim(id);
  return { run: { id, epoch: claim.epoch, sequence: 1n } };
}

async function write(journal, { run }, batches) {
  for (let batch = 0; batch < batches; batch++) {
    const batchEvents = Array.from({ length: 10 }, (_, index) =>
      event(run.id, run.sequence + BigInt(index + 1), {
        $case: 'reasoning',
        value: {
          text: 'A thought of about a hundred bytes, as they come from a model while it writes a workflow. '.repeat(
            2,
          ),
        },
      }),
    );
    await append(journal, run, run.sequence, batchEvents, 2);
    run.sequence += 10n;
  }
}

async function append(journal, run, expectedSequence, events, runState) {
  const last = expectedSequence + BigInt(events.length);
  await journal.append({
    runId: run.id,
    epoch: run.epoch,
    expectedSequence,
    events,
    run: state(run.id, last, runState),
  });
}

function event(id, sequence, fact) {
  return { run: `runs/${id}`, sequence, time: new Date(), round: 1, event: fact };
}

function state(id, lastSequence, runState) {
  return {
    name: `runs/${id}`,
    task: undefined,
    options: undefined,
    state: runState,
    result: undefined,
    usage: undefined,
    rounds: 0,
    createTime: new Date(),
    endTime: undefined,
    lastSequence,
  };
}
