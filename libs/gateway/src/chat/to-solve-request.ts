import { SolveRequest } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { answerChecksOf } from '../runs/answer-checks.js';
import { budgetOf, kindOf, suiteOf } from '../runs/task-schema.js';
import type { ChatRequest } from './chat-schema.js';
import { modelNotFound, readModel } from './models.js';

/** Names that tell turns apart in the context. */
const speakers = { system: 'System', developer: 'System', user: 'User', assistant: 'Assistant' } as const;

/**
 * The run that a chat completion asks for: the last message is the query, what stands before it the
 * context that it is asked in.
 *
 * @param requestId makes the call safe to repeat
 * @throws FlowError NOT_FOUND for an unknown model, INVALID_ARGUMENT for messages that hold no query
 */
export function toSolveRequest(request: ChatRequest, requestId: string): SolveRequest {
  const { policy, maxRounds } = readModel(request.model);
  const extension = request.flowreasoner ?? {};
  const entryPoint = extension.entry_point ?? '';
  const { problem, context } = readConversation(request.messages);
  return SolveRequest.fromPartial({
    requestId,
    task: {
      id: 'chat',
      kind: kindOf(extension.kind),
      problem,
      context,
      entryPoint,
      visibleChecks: suiteOf(extension.visible_checks, entryPoint),
      answerChecks: answerChecksOf(extension.answer_checks),
    },
    options: {
      policy,
      maxRounds: extension.max_rounds ?? maxRounds ?? 0,
      budget: budgetOf(extension.budget),
      deadlineMs: extension.deadline_ms ?? 0,
      seed: Number(BigInt.asUintN(32, BigInt(request.seed ?? 0))),
    },
  });
}

function readConversation(messages: ChatRequest['messages']): { problem: string; context: string } {
  const last = messages.at(-1);
  const field = `messages[${messages.length - 1}]`;
  if (last?.role !== 'user') throw invalid(`${field}.role`, 'must be user: the last turn is the query');
  const problem = textOf(last);
  if (problem.trim() === '') throw invalid(`${field}.content`, 'must not be empty');
  const earlier = messages.slice(0, -1).filter((message) => textOf(message).trim() !== '');
  const onlyInstructions = earlier.every(({ role }) => role === 'system' || role === 'developer');
  const context = earlier
    .map((message) => (onlyInstructions ? textOf(message) : `${speakers[message.role]}:\n${textOf(message)}`))
    .join('\n\n');
  return { problem, context };
}

function textOf({ content }: ChatRequest['messages'][number]): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join('');
}

/** Fields of the contract, by the fields of this interface that they come from. */
const fields: readonly (readonly [of: RegExp, here: string])[] = [
  [/^task\.(problem|context)\b.*/, 'messages'],
  [/^task\.(entry_point|visible_checks|answer_checks|kind)\b/, 'flowreasoner.$1'],
  [/^options\.(budget|max_rounds|deadline_ms)\b/, 'flowreasoner.$1'],
];

/** An error of the meta-agent in the words of this interface. */
export function inChatTerms(error: unknown, model: string): unknown {
  if (!(error instanceof FlowError)) return error;
  const violations = error.options.fieldViolations ?? [];
  const policy = violations.find(({ field }) => field === 'options.policy');
  if (policy !== undefined) return modelNotFound(model, policy.description);
  if (violations.length === 0) return error;
  const renamed = violations.map(({ field, description }) => {
    const known = fields.find(([of]) => of.test(field));
    return { field: known === undefined ? field : field.replace(...known), description };
  });
  const [first] = renamed;
  const message = first === undefined ? error.message : `${first.field}: ${first.description}.`;
  return new FlowError(error.code, error.reason, message, { ...error.options, fieldViolations: renamed });
}

function invalid(field: string, description: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'INVALID_FIELD', `${field}: ${description}.`, {
    fieldViolations: [{ field, description }],
  });
}
