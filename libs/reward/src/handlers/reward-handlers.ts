import type {
  GetRewardSpecRequest,
  GetRewardSpecResponse,
  ListRewardSpecsRequest,
  ListRewardSpecsResponse,
  PutTaskRequest,
  PutTaskResponse,
  Sample,
  Score,
  ScoreGroupRequest,
  ScoreGroupResponse,
  ScoreRequest,
  ScoreResponse,
  ScoreStreamRequest,
  ScoreStreamResponse,
} from '@flowreasoner/contracts/reward';
import { encodePageToken, readPage } from '@flowreasoner/rpc';
import type { ParentCall } from '@flowreasoner/rpc';
import type { Scorer } from '../scoring/scorer.js';
import type { SpecRegistry } from '../specs/spec-registry.js';
import type { TaskRegistry } from '../tasks/task-registry.js';
import { inCompletionOrder } from './completion-order.js';
import { limits } from './limits.js';
import { validateGroup, validateScore, validateStreamed } from './validate-sample.js';
import { validatePutTask } from './validate-task.js';

/** The parts that handlers call. */
export interface RewardParts {
  readonly tasks: TaskRegistry;
  readonly scorer: Scorer;
  readonly specs: SpecRegistry;
  /** Samples of one stream under way at once. */
  readonly streamConcurrency: number;
  /** Names of the graders that tasks may name. */
  readonly graders: ReadonlySet<string>;
}

/** What page tokens of ListRewardSpecs are bound to. */
const specList = 'reward-specs';

/** The methods of RewardService as plain functions: decode, validate, call the domain. */
export class RewardHandlers {
  readonly #parts: RewardParts;

  constructor(parts: RewardParts) {
    this.#parts = parts;
  }

  async putTask(request: PutTaskRequest, caller: ParentCall): Promise<PutTaskResponse> {
    validatePutTask(request, this.#parts.graders);
    const { handle, integrity } = await this.#parts.tasks.put(request, caller);
    return { task: handle, integrity };
  }

  async score(request: ScoreRequest, caller: ParentCall): Promise<ScoreResponse> {
    return { score: await this.#scoreOne(request, validateScore(request), caller) };
  }

  async scoreGroup(request: ScoreGroupRequest, caller: ParentCall): Promise<ScoreGroupResponse> {
    validateGroup(request);
    const spec = this.#parts.specs.get(request.spec);
    const task = await this.#parts.tasks.get(request.task, caller.tenant);
    const scoring = { task, spec, caller };
    return { scores: await this.#parts.scorer.scoreGroup(scoring, request.samples, request.advantageMethod) };
  }

  scoreStream(
    requests: AsyncIterable<ScoreStreamRequest>,
    caller: ParentCall,
  ): AsyncIterable<ScoreStreamResponse> {
    return inCompletionOrder(requests, this.#parts.streamConcurrency, async (request) => ({
      score: await this.#scoreOne(request, validateStreamed(request), caller),
    }));
  }

  getRewardSpec(request: GetRewardSpecRequest): Promise<GetRewardSpecResponse> {
    return Promise.resolve().then(() => ({ spec: this.#parts.specs.get(request.name) }));
  }

  listRewardSpecs(request: ListRewardSpecsRequest): Promise<ListRewardSpecsResponse> {
    return Promise.resolve().then(() => {
      const page = readPage(request, specList, { maxSize: limits.pageSize });
      const { specs, more } = this.#parts.specs.after(page.after, page.size);
      const last = specs.at(-1);
      return { specs, nextPageToken: more && last ? encodePageToken(last.name, specList) : '' };
    });
  }

  async #scoreOne(
    request: { task: string; spec: string },
    sample: Sample,
    caller: ParentCall,
  ): Promise<Score> {
    const spec = this.#parts.specs.get(request.spec);
    const task = await this.#parts.tasks.get(request.task, caller.tenant);
    return this.#parts.scorer.score({ task, spec, caller }, sample);
  }
}
