// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
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
 * takes `modelMs` for an answer, and a sandbox that finds every candidate wrong
 * at once. Tells its parent the model's address.
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

function wrongAlways() {
  return service(SandboxServiceService, {
    grade: unaryHandler(() =>
      Promise.resolve({
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
      }),
    ),
  });
}
