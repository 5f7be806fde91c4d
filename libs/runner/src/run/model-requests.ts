import type { Usage } from '@flowreasoner/contracts/workflow';
import {
  meteredGate,
  requestBound,
  usedBesides,
  type BudgetSnapshot,
  type Completion,
  type CompletionRequest,
} from '@flowreasoner/model';
import type { Prompt } from '../operators/operator.js';
import { memoKey } from './memo.js';
import { toProgramError } from './run-error.js';
import type { RunSession } from './run-session.js';
import { NO_USAGE, toUsage } from './usage.js';

/** What the memo keeps of a completion. */
interface KeptCompletion {
  readonly text: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

/** The model requests of one operator call. */
export class ModelRequests {
  constructor(
    private readonly session: RunSession,
    /** The operator call. */
    private readonly call: { readonly place: string; readonly seed: number; readonly signal: AbortSignal },
  ) {}

  /**
   * Draws `count` answers to one prompt, at the same time. Those that the memo
   * holds are taken from it.
   */
  async ask(label: string, prompt: Prompt, count: number): Promise<readonly string[]> {
    if (count <= 0) return [];
    const request = this.requestOf(prompt);
    const keys = Array.from({ length: count }, (_, sample) =>
      memoKey(this.call.place, label, [request, sample]),
    );
    const kept = keys.map((key) => this.remembered(key));
    const missing = kept.flatMap((answer, sample) => (answer === undefined ? [sample] : []));
    kept.forEach((answer, sample) => {
      if (answer !== undefined) this.announceKept(label, sample, answer, keys[sample] as string);
    });
    const drawn = await this.draw(label, request, missing, keys);
    return kept.map((answer, sample) => answer?.text ?? drawn.get(sample) ?? '');
  }

  private requestOf(prompt: Prompt): CompletionRequest {
    const { endpoint, model } = this.session.worker;
    return {
      ref: { ...(endpoint === '' ? {} : { endpoint }), ...(model === '' ? {} : { model }) },
      messages: prompt.messages,
      maxTokens: this.session.maxCompletionTokens,
      temperature: this.session.temperature ?? prompt.temperature,
      seed: this.call.seed,
      ...(prompt.stop === undefined || prompt.stop.length === 0 ? {} : { stop: prompt.stop }),
    };
  }

  private remembered(key: string): KeptCompletion | undefined {
    const found = this.session.memo.find(key);
    return isKept(found) ? found : undefined;
  }

  /** Draws samples in runs of neighbours, each by one call of the client. */
  private async draw(
    label: string,
    request: CompletionRequest,
    samples: readonly number[],
    keys: readonly string[],
  ): Promise<ReadonlyMap<number, string>> {
    const texts = new Map<number, string>();
    const runs = neighbours(samples);
    await Promise.all(
      runs.map(async (run) => {
        const completions = await this.complete(label, { ...request, sampleIndex: run[0] as number }, run);
        completions.forEach((completion, i) => {
          const sample = run[i] as number;
          texts.set(sample, completion.text);
          this.announce(label, sample, completion, keys[sample] as string);
        });
      }),
    );
    return texts;
  }

  private async complete(
    label: string,
    request: CompletionRequest,
    samples: readonly number[],
  ): Promise<readonly Completion[]> {
    const { ports, events, gate, deadline, streamTokens } = this.session;
    await events.room();
    const { place: callId, signal } = this.call;
    await this.announceStart(label, samples, request);
    const metered = meteredGate(gate);
    const told: Usage[] = [];
    try {
      return await ports.models.completeMany(request, samples.length, {
        signal,
        deadlineMs: deadline,
        budget: metered,
        onRestart: async ({ firstIndex, count }) => {
          const broken = samples.filter((s) => s >= firstIndex && s < firstIndex + count);
          // Nobody has told what the broken answers used: they are charged the most.
          const most = broken.map(() => this.reservedFor(request) ?? NO_USAGE);
          told.push(...most);
          this.announceFailure(label, broken, 'the answer broke off and is asked for again', most);
          await this.announceStart(label, broken, request);
        },
        ...(streamTokens
          ? {
              onDelta: ({ text, sampleIndex }) => {
                if (text === '') return;
                const requestId = this.requestId(label, sampleIndex);
                events.push({ $case: 'tokenDelta', value: { callId, requestId, text } });
              },
            }
          : {}),
      });
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      // Samples that are drawn together are charged together.
      const charged = told.reduce<BudgetSnapshot>(
        (left, part) => usedBesides(part, left),
        metered.snapshot(),
      );
      this.announceFailure(label, samples, sentence, [toUsage(charged)]);
      throw toProgramError(error);
    }
  }

  private requestId(label: string, sample: number): string {
    return `${this.call.place}|${label}|${sample}`;
  }

  /** Tells the start of requests; resolves once they may be sent. */
  private announceStart(
    label: string,
    samples: readonly number[],
    request: CompletionRequest,
  ): Promise<void> {
    const { events, starts, worker } = this.session;
    const { place: callId, signal } = this.call;
    const reserved = this.reservedFor(request);
    const told = samples.map((sample) => {
      const value = { callId, requestId: this.requestId(label, sample), model: worker.model, reserved };
      return { $case: 'modelRequestStarted' as const, value };
    });
    return starts.tell(events, told, signal);
  }

  /** The most that one sample can use. */
  private reservedFor(request: CompletionRequest): Usage | undefined {
    const { ports, worker } = this.session;
    const endpoint = ports.models.endpoints.find(({ name }) => name === worker.endpoint);
    if (endpoint === undefined) return undefined;
    return { modelCalls: 1, ...requestBound(endpoint, worker.model, request), sandboxMs: 0 };
  }

  /** @param usages of the first samples; those of the others are nothing */
  private announceFailure(
    label: string,
    samples: readonly number[],
    error: string,
    usages: readonly Usage[],
  ): void {
    for (const [at, sample] of samples.entries()) {
      const requestId = this.requestId(label, sample);
      const usage = usages[at] ?? NO_USAGE;
      this.session.events.push({
        $case: 'modelRequestFinished',
        value: {
          callId: this.call.place,
          requestId,
          usage,
          error,
          fromMemo: false,
          memo: undefined,
        },
      });
    }
  }

  private announce(label: string, sample: number, { text, usage }: Completion, key: string): void {
    const { promptTokens, completionTokens, costUsd } = usage;
    const kept: KeptCompletion = { text, promptTokens, completionTokens, costUsd: costUsd ?? 0 };
    this.count(kept);
    this.session.events.push({
      $case: 'modelRequestFinished',
      value: {
        callId: this.call.place,
        requestId: this.requestId(label, sample),
        usage: { modelCalls: 1, promptTokens, completionTokens, costUsd, sandboxMs: 0 },
        error: '',
        fromMemo: false,
        memo: this.session.memo.entry(key, kept),
      },
    });
  }

  private announceKept(label: string, sample: number, kept: KeptCompletion, key: string): void {
    this.count(kept);
    this.session.events.push({
      $case: 'modelRequestFinished',
      value: {
        callId: this.call.place,
        requestId: this.requestId(label, sample),
        usage: NO_USAGE,
        error: '',
        fromMemo: true,
        memo: this.session.memo.entry(key, kept),
      },
    });
  }

  private count({ promptTokens, completionTokens, costUsd }: KeptCompletion): void {
    const usage = this.session.programUsage;
    usage.modelCalls += 1;
    usage.promptTokens += promptTokens;
    usage.completionTokens += completionTokens;
    usage.costUsd += costUsd;
  }
}

function isKept(value: unknown): value is KeptCompletion {
  if (typeof value !== 'object' || value === null) return false;
  const { text, promptTokens, completionTokens, costUsd } = value as Record<string, unknown>;
  return (
    typeof text === 'string' && [promptTokens, completionTokens, costUsd].every((n) => typeof n === 'number')
  );
}

/** Splits ascending numbers into runs without gaps. */
function neighbours(numbers: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs;
}
