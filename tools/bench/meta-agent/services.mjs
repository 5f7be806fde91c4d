// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { setTimeout } from 'node:timers/promises';
import {
  CaseStatus,
  Integrity,
  SandboxServiceService,
  Verdict,
  VerdictStatus,
} from '@flowreasoner/contracts/sandbox';
import { service, startServer, unaryHandler } from '@flowreasoner/rpc';
import { createSeededRandom, startScriptedModelServer } from '@flowreasoner/testing';

/**
 * What runs need from others, in a process of its own: a scripted model that
 * takes `modelMs` for an answer, and a sandbox that finds every candidate wrong,
 * four at a time, each in the time that our own takes to grade one. Tells its
 * parent the model's address.
 */
export async function startServices({ sandboxAddress, modelMs }) {
  const random = createSeededRandom(1);
  const models = await startScriptedModelServer({
    script: ({ index }) => ({
      kind: 'answer',
      text: `\`\`\`python\ndef f(x):\n    return ${index} * x\n\`\`\``,
      // As answers of real models, some are ready sooner.
      firstByteDelayMs: modelMs * (0.5 + random()),
      usage: { promptTokens: 100, completionTokens: 20 },
    }),
  });
  await startServer({ address: sandboxAddress, services: [wrongAlways()], reflection: false });
  process.on('message', () => process.send({ requests: models.counts().received }));
  process.send({ baseUrl: models.baseUrl });
}

const places = 4;
const gradeMs = 13;

function wrongAlways() {
  const free = Array(places).fill(Promise.resolve());
  return service(SandboxServiceService, {
    grade: unaryHandler(async () => {
      const before = free.shift();
      const graded = before.then(() => setTimeout(gradeMs));
      free.push(graded);
      await graded;
      return {
        verdict: Verdict.fromPartial({
          status: VerdictStatus.VERDICT_STATUS_FAILED,
          integrity: Integrity.INTEGRITY_ISOLATED,
          total: 2,
          cases: [0, 1].map((index) => ({
            index,
            status: CaseStatus.CASE_STATUS_FAILED,
            expected: '2',
            actual: '3',
          })),
        }),
      };
    }),
  });
}
