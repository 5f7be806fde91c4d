import { FlowError } from '@flowreasoner/rpc';
import type { FieldViolation } from '@flowreasoner/rpc';
import type { CompletionRequest } from './completion.js';
import { ModelLimits } from './limits.js';

/**
 * Refuses a request that no endpoint could serve, or that is beyond a limit.
 *
 * @throws FlowError INVALID_ARGUMENT with reason MODEL_REQUEST_INVALID and a violation per field
 */
export function checkRequest(request: CompletionRequest, samples: number): void {
  const violations: FieldViolation[] = [];
  const require = (ok: boolean, field: string, description: string): void => {
    if (!ok) violations.push({ field, description });
  };
  const within = (value: number | undefined, low: number, high: number): boolean =>
    value === undefined || (value >= low && value <= high);
  const promptBytes = request.messages.reduce((sum, message) => sum + Buffer.byteLength(message.content), 0);

  require(request.messages.length > 0, 'messages', 'must not be empty');
  require(request.messages.length <=
    ModelLimits.messages, 'messages', `must be at most ${ModelLimits.messages}, not ${request.messages.length}`);
  require(promptBytes <=
    ModelLimits.promptBytes, 'messages', `must hold at most ${ModelLimits.promptBytes} bytes, not ${promptBytes}`);
  require(Number.isInteger(request.maxTokens) &&
    within(
      request.maxTokens,
      1,
      ModelLimits.maxTokens,
    ), 'maxTokens', `must be an integer between 1 and ${ModelLimits.maxTokens}`);
  require(within(request.temperature, 0, 2), 'temperature', 'must be between 0 and 2');
  require(within(request.topP, 0, 1), 'topP', 'must be between 0 and 1');
  require(request.seed === undefined ||
    (Number.isSafeInteger(request.seed) &&
      request.seed >= 0), 'seed', 'must be a non-negative integer below 2^53');
  require((request.stop ?? []).length <= ModelLimits.stopWords &&
    !(request.stop ?? []).includes(
      '',
    ), 'stop', `must be at most ${ModelLimits.stopWords} texts, none of them empty`);
  require(Number.isInteger(samples) &&
    within(
      samples,
      1,
      ModelLimits.samples,
    ), 'samples', `must be an integer between 1 and ${ModelLimits.samples}`);
  require(Number.isSafeInteger(request.sampleIndex ?? 0) &&
    (request.sampleIndex ?? 0) >= 0, 'sampleIndex', 'must be a non-negative integer');
  require(Buffer.byteLength(request.grammar ?? '') <= ModelLimits.grammarBytes &&
    request.grammar !== '', 'grammar', `must hold between 1 and ${ModelLimits.grammarBytes} bytes`);
  require(Buffer.byteLength(JSON.stringify(request.jsonSchema ?? {})) <=
    ModelLimits.grammarBytes, 'jsonSchema', `must hold at most ${ModelLimits.grammarBytes} bytes`);
  require(request.grammar === undefined ||
    request.jsonSchema === undefined, 'jsonSchema', 'must be left out where a grammar is given');

  if (violations.length === 0) return;
  const listed = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
  throw new FlowError('INVALID_ARGUMENT', 'MODEL_REQUEST_INVALID', `The model request is wrong: ${listed}.`, {
    fieldViolations: violations,
    hint: 'Correct the listed fields.',
  });
}
