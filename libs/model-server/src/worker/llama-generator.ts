import {
  getLlama,
  LlamaGrammar,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  LlamaText,
  SpecialTokensText,
} from 'node-llama-cpp';
import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { FlowError } from '@flowreasoner/rpc';
import type { Constraint, GenerationEvent, GenerationJob, Rejection } from '../generation.js';
import { defaultSystemMessage, isChatMl, renderChatMl } from './chatml.js';
import { PROMPT_BLOCK, reusablePrefix } from './prompt-prefix.js';
import type { WorkerOptions } from './protocol.js';
import { StopFilter } from './stop-filter.js';
import { TokenText } from './token-text.js';

/** A job that can't be done as asked; the fault is the caller's. */
export class RejectedJob extends Error {
  constructor(readonly rejection: Rejection) {
    super(rejection.message);
  }
}

/** Told while a job runs. */
export interface GenerationListener {
  onEvent(event: GenerationEvent): void;
  /** Called at least once a block of prompt and once a token. */
  onProgress(): void;
}

/**
 * A model in memory that answers one job at a time on one thread. The answer depends on
 * the job alone, not on earlier ones: prompts are read in fixed blocks, tokens one by one,
 * and nothing else shares a batch with them.
 */
export class LlamaGenerator {
  /** Prompt tokens in the context, evaluated in blocks from the first. */
  private held: Token[] = [];

  private constructor(
    private readonly llama: Llama,
    private readonly model: LlamaModel,
    private readonly sequence: LlamaContextSequence,
    private readonly systemMessage: string | undefined,
  ) {}

  /** Tokens of prompt and answer together. */
  get contextSize(): number {
    return this.sequence.contextSize;
  }

  /**
   * Loads a model.
   *
   * @throws FlowError FAILED_PRECONDITION `MODEL_FILE_UNUSABLE`
   */
  static async load(options: WorkerOptions): Promise<LlamaGenerator> {
    const llama = await getLlama({
      build: 'never',
      gpu: false,
      maxThreads: 1,
      logLevel: LlamaLogLevel.error,
      logger: (_level, message) => process.stderr.write(message.endsWith('\n') ? message : `${message}\n`),
    });
    try {
      const model = await llama.loadModel({ modelPath: options.modelFile });
      const template = model.fileInfo.metadata.tokenizer?.chat_template;
      if (template === undefined || !isChatMl(template)) {
        throw new Error("the model's chat template is not ChatML (<|im_start|>, <|im_end|>)");
      }
      const context = await model.createContext({
        sequences: 1,
        contextSize: Math.min(options.contextSize, model.trainContextSize),
        batchSize: PROMPT_BLOCK,
        threads: 1,
        swaFullCache: true,
      });
      return new LlamaGenerator(llama, model, context.getSequence(), defaultSystemMessage(template));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FlowError(
        'FAILED_PRECONDITION',
        'MODEL_FILE_UNUSABLE',
        `${options.modelFile} can't be used: ${why}`,
        {
          cause,
          hint: 'Give a GGUF file of a chat model with a ChatML template by --model-file.',
        },
      );
    }
  }

  /**
   * Generates one sample.
   *
   * @param signal ends the work at the next token or block of prompt; the promise then
   *   resolves without a `done` event
   * @throws RejectedJob before any event
   */
  async generate(job: GenerationJob, listener: GenerationListener, signal: AbortSignal): Promise<void> {
    const prompt = this.tokenize(job);
    const maxTokens = this.room(prompt.length, job.maxTokens);
    const grammar = await this.grammarState(job.constraint);
    const last = prompt.at(-1);
    if (last === undefined) throw new Error('the prompt has no tokens');

    const cachedTokens = await this.readPrompt(prompt.slice(0, -1), listener, signal);
    if (signal.aborted) return;
    listener.onEvent({ type: 'started', promptTokens: prompt.length, cachedTokens });

    const stop = new StopFilter(job.stop);
    const decoder = new TokenText((tokens, before) =>
      this.model.detokenize([...tokens] as Token[], false, [...before] as Token[]),
    );
    const emit = (text: string): void => {
      if (text !== '') listener.onEvent({ type: 'text', text });
    };
    let completionTokens = 0;
    let finishReason: 'stop' | 'length' = 'stop';
    let stopped = false;
    const tokens = this.sequence.evaluate([last], {
      temperature: job.temperature,
      topP: job.topP,
      topK: job.topK,
      minP: job.minP,
      seed: job.seed,
      ...(grammar && { grammarEvaluationState: grammar }),
    });
    for await (const token of tokens) {
      if (signal.aborted) return;
      completionTokens++;
      listener.onProgress();
      const filtered = stop.push(decoder.push(token));
      emit(filtered.text);
      if (filtered.stopped) {
        stopped = true;
        break;
      }
      if (completionTokens >= maxTokens) {
        finishReason = 'length';
        break;
      }
    }
    if (signal.aborted) return;
    if (!stopped) {
      const rest = stop.push(decoder.flush());
      emit(rest.text);
      if (rest.stopped) finishReason = 'stop';
      else emit(stop.flush());
    }
    listener.onEvent({ type: 'done', finishReason, completionTokens });
  }

  private tokenize(job: GenerationJob): Token[] {
    const pieces = renderChatMl(job.messages, this.systemMessage);
    const text = LlamaText(
      pieces.map((piece) => (piece.kind === 'special' ? new SpecialTokensText(piece.value) : piece.value)),
    );
    return text.tokenize(this.model.tokenizer);
  }

  /** How many tokens the answer may have. */
  private room(promptTokens: number, maxTokens: number | undefined): number {
    // The library keeps one cell of the context free.
    const room = this.contextSize - 1 - promptTokens;
    if (room < Math.max(1, maxTokens ?? 1)) {
      const answer = maxTokens === undefined ? 'an answer needs at least 1' : `max_tokens is ${maxTokens}`;
      throw new RejectedJob({
        param: room < 1 ? 'messages' : 'max_tokens',
        code: 'context_length_exceeded',
        message:
          `The context holds ${this.contextSize - 1} tokens: ` +
          `the messages have ${promptTokens} and ${answer}.`,
      });
    }
    return maxTokens ?? room;
  }

  private async grammarState(
    constraint: Constraint | undefined,
  ): Promise<LlamaGrammarEvaluationState | undefined> {
    if (constraint === undefined) return undefined;
    return new LlamaGrammarEvaluationState({ model: this.model, grammar: await this.grammar(constraint) });
  }

  private async grammar(constraint: Constraint): Promise<LlamaGrammar> {
    switch (constraint.kind) {
      case 'json':
        return LlamaGrammar.getFor(this.llama, 'json');
      case 'json_schema':
        try {
          return await this.llama.createGrammarForJsonSchema(
            constraint.schema as { readonly type: 'object' },
          );
        } catch (cause) {
          throw new RejectedJob({
            param: 'response_format.json_schema.schema',
            code: 'invalid_json_schema',
            message: `The JSON schema can't be used: ${cause instanceof Error ? cause.message : String(cause)}`,
          });
        }
      case 'grammar':
        try {
          return new LlamaGrammar(this.llama, { grammar: constraint.grammar });
        } catch {
          throw new RejectedJob({
            param: 'grammar',
            code: 'invalid_grammar',
            message:
              'The grammar is not valid GBNF: it must define the rule "root" and every rule it names, ' +
              'no rule may begin with itself (left recursion), ' +
              'and repetitions must stay small.',
          });
        }
    }
  }

  /** @returns how many of the tokens were in the context already */
  private async readPrompt(
    tokens: Token[],
    listener: GenerationListener,
    signal: AbortSignal,
  ): Promise<number> {
    const kept = reusablePrefix(this.held, tokens);
    if (kept === 0) {
      await this.sequence.clearHistory();
    } else if (this.sequence.nextTokenIndex > kept) {
      await this.sequence.eraseContextTokenRanges([{ start: kept, end: this.sequence.nextTokenIndex }]);
    }
    this.held = tokens.slice(0, kept);
    for (let start = kept; start < tokens.length && !signal.aborted; start += PROMPT_BLOCK) {
      const block = tokens.slice(start, start + PROMPT_BLOCK);
      await this.sequence.evaluateWithoutGeneratingNewTokens(block);
      this.held = tokens.slice(0, start + block.length);
      listener.onProgress();
    }
    return kept;
  }
}
