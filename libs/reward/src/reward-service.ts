import { RewardServiceService } from '@flowreasoner/contracts/reward';
import type { RewardSpec } from '@flowreasoner/contracts/reward';
import { bidiHandler, service, unaryHandler } from '@flowreasoner/rpc';
import type { Service } from '@flowreasoner/rpc';
import { RewardHandlers } from './handlers/reward-handlers.js';
import type { RewardPorts } from './ports.js';
import { Scorer } from './scoring/scorer.js';
import { Outcomes } from './scoring/outcomes.js';
import { correctnessSpec, defaultSpec } from './specs/default-spec.js';
import { SpecRegistry } from './specs/spec-registry.js';
import { TaskRegistry } from './tasks/task-registry.js';

/** Full name of the streaming method, for its deadline: a stream lasts as long as its caller wants. */
export const SCORE_STREAM_METHOD = '/flowreasoner.reward.v1.RewardService/ScoreStream';

/** How a reward service is made; what is left out has its default. */
export interface RewardOptions {
  /** Specs on offer. Default: `specs/default@1` and `specs/correctness@1`. */
  readonly specs?: readonly RewardSpec[];
  /** Gradings under way at once, over all callers. Default 16. */
  readonly concurrency?: number;
  /** Verdicts and sample names remembered, each. Default 50,000. */
  readonly cacheEntries?: number;
}

/**
 * Makes the reward service, ready for `startServer`.
 *
 * @throws RangeError for specs with a wrong or repeated name
 */
export function createRewardService(ports: RewardPorts, options: RewardOptions = {}): Service {
  const { specs = [defaultSpec, correctnessSpec], concurrency = 16, cacheEntries = 50_000 } = options;
  const { grader, judge, logger, workflows } = ports;
  const handlers = new RewardHandlers({
    tasks: new TaskRegistry(ports),
    scorer: new Scorer({
      outcomes: new Outcomes({ grader, judge, logger, concurrency, cacheEntries }),
      workflows,
    }),
    specs: new SpecRegistry(specs),
    streamConcurrency: concurrency,
    graders: judge.graders,
  });
  return service(RewardServiceService, {
    putTask: unaryHandler((request, call) => handlers.putTask(request, call)),
    score: unaryHandler((request, call) => handlers.score(request, call)),
    scoreGroup: unaryHandler((request, call) => handlers.scoreGroup(request, call)),
    scoreStream: bidiHandler((requests, call) => handlers.scoreStream(requests, call)),
    getRewardSpec: unaryHandler((request) => handlers.getRewardSpec(request)),
    listRewardSpecs: unaryHandler((request) => handlers.listRewardSpecs(request)),
  });
}
