import { z } from 'zod';
import type { FinishReason } from './completion.js';
import { ModelLimits } from './limits.js';
import { ProtocolError } from './model-error.js';
import { splitUnopened, ThinkSplitter } from './think-splitter.js';
import { parseJson } from './transport.js';

/** One sample as the server gave it. */
export interface RawSample {
  readonly text: string;
  readonly reasoning: string;
  readonly finishReason: FinishReason;
}

/** Everything a response held. */
export interface RawAnswer {
  /** In the order of their indices; may be fewer than were asked for. */
  readonly samples: readonly RawSample[];
  /** Undefined where the server reported none, or nonsense. */
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number } | undefined;
}

/** What {@link readAnswer} needs besides the response. */
export interface ReadOptions {
  /** Parses a streamed response. */
  readonly events: (response: Response) => AsyncIterable<unknown>;
  /** True where the caller's begun answer has opened a `<think>` block. */
  readonly insideThink: boolean;
  /** Called for every piece that arrives, empty ones included. */
  readonly onPiece: (index: number, piece: { readonly text: string; readonly reasoning: string }) => void;
}

const messageSchema = z.object({
  content: z.string().nullish(),
  reasoning: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});
const choiceSchema = z.object({
  index: z
    .int()
    .min(0)
    .max(ModelLimits.samples - 1)
    .default(0),
  delta: messageSchema.nullish(),
  message: messageSchema.nullish(),
  finish_reason: z.string().nullish(),
});
const usageSchema = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) });
const eventSchema = z.object({
  choices: z.array(choiceSchema).nullish(),
  usage: usageSchema.nullish().catch(undefined),
});

/**
 * Reads a chat completion response, streamed or in one piece, as the endpoints
 * differ: reasoning as `reasoning`, `reasoning_content` or a `<think>` block.
 *
 * @throws ProtocolError where it is something else; what the connection throws where that breaks
 */
export async function readAnswer(response: Response, options: ReadOptions): Promise<RawAnswer> {
  const samples = new Map<number, SampleReader>();
  let usage: RawAnswer['usage'];

  const take = (event: unknown): void => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success || (parsed.data.choices == null && parsed.data.usage == null)) {
      throw new ProtocolError(`unexpected ${JSON.stringify(event)}`);
    }
    for (const choice of parsed.data.choices ?? []) {
      const sample = samples.get(choice.index) ?? new SampleReader(options.insideThink);
      samples.set(choice.index, sample);
      options.onPiece(choice.index, sample.take(choice.delta ?? choice.message ?? {}));
      if (choice.finish_reason == null) continue;
      options.onPiece(choice.index, sample.finish(choice.finish_reason));
    }
    if (parsed.data.usage != null) {
      usage = {
        promptTokens: parsed.data.usage.prompt_tokens,
        completionTokens: parsed.data.usage.completion_tokens,
      };
    }
  };

  const contentType = response.headers.get('content-type') ?? '';
  if (contentType.includes('text/event-stream')) {
    try {
      for await (const event of options.events(response)) take(event);
    } catch (error) {
      // Everything but the usage has arrived: the answer is worth keeping.
      if (error instanceof ProtocolError || !allFinished(samples)) throw error;
    }
  } else if (contentType.includes('json')) {
    take(parseJson(await response.text()));
  } else {
    const text = await response.text();
    throw new ProtocolError(`content type "${contentType}": "${text}"`);
  }
  if (!allFinished(samples)) throw new Error('the stream ended before the answer did');
  return {
    samples: [...samples].sort(([a], [b]) => a - b).map(([, sample]) => sample.result()),
    usage,
  };
}

function allFinished(samples: ReadonlyMap<number, SampleReader>): boolean {
  return samples.size > 0 && [...samples.values()].every((sample) => sample.finished);
}

class SampleReader {
  readonly #splitter: ThinkSplitter;
  #text = '';
  #reasoning = '';
  #finishReason: FinishReason | undefined;

  constructor(insideThink: boolean) {
    this.#splitter = new ThinkSplitter(insideThink);
  }

  get finished(): boolean {
    return this.#finishReason !== undefined;
  }

  take(message: z.output<typeof messageSchema>): { text: string; reasoning: string } {
    const own = message.reasoning_content ?? message.reasoning ?? '';
    const split = this.#splitter.push(message.content ?? '');
    return this.#add(split.text, own + split.reasoning);
  }

  finish(reason: string): { text: string; reasoning: string } {
    this.#finishReason = finishReasonOf(reason);
    const rest = this.#splitter.end();
    return this.#add(rest.text, rest.reasoning);
  }

  result(): RawSample {
    const unopened = this.#reasoning === '' ? splitUnopened(this.#text) : undefined;
    return {
      text: unopened?.text ?? this.#text,
      reasoning: (this.#reasoning === '' ? (unopened?.reasoning ?? '') : this.#reasoning).trim(),
      finishReason: this.#finishReason ?? 'other',
    };
  }

  #add(text: string, reasoning: string): { text: string; reasoning: string } {
    this.#text += text;
    this.#reasoning += reasoning;
    return { text, reasoning };
  }
}

function finishReasonOf(reason: string): FinishReason {
  switch (reason) {
    case 'stop':
    case 'length':
    case 'content_filter':
    case 'tool_calls':
      return reason;
    default:
      return 'other';
  }
}
