import type { CompletionRequest } from './completion.js';

/**
 * Tokens that a chat template may add: to the whole conversation (a default
 * system prompt, a date, tool headers) and around each message. Above what the
 * templates of Llama 3, Qwen 2.5 and 3, Mistral, DeepSeek and gpt-oss add.
 */
const templateTokens = { conversation: 256, message: 16 };

/**
 * Upper bound of a prompt's tokens: every token of a byte-level or
 * byte-fallback tokenizer stands for at least one UTF-8 byte. A JSON schema
 * counts as well, because servers write it into the prompt.
 */
export function promptTokenBound(request: Pick<CompletionRequest, 'messages' | 'jsonSchema'>): number {
  const schema = request.jsonSchema === undefined ? '' : JSON.stringify(request.jsonSchema);
  return request.messages.reduce(
    (sum, message) => sum + Buffer.byteLength(message.content) + templateTokens.message,
    templateTokens.conversation + Buffer.byteLength(schema),
  );
}
