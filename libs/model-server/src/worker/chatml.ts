import type { ChatMessage } from '../generation.js';

/** A piece of a rendered prompt; only `special` ones may become control tokens. */
export interface PromptPiece {
  readonly kind: 'special' | 'text';
  readonly value: string;
}

const START: PromptPiece = { kind: 'special', value: '<|im_start|>' };
const END: PromptPiece = { kind: 'special', value: '<|im_end|>' };

/** Whether a model's own chat template is of the ChatML family, the one rendered here. */
export function isChatMl(template: string | undefined): boolean {
  return template !== undefined && template.includes(START.value) && template.includes(END.value);
}

/** The system message that a model's template adds where the chat has none. */
export function defaultSystemMessage(template: string): string | undefined {
  const found = /<\|im_start\|>system(?:\n|\\n)([^{}]*?)<\|im_end\|>/.exec(template);
  const text = found?.[1]?.replaceAll('\\n', '\n');
  return text === undefined || text === '' ? undefined : text;
}

/**
 * Renders a chat as ChatML. A last message of the assistant is left open, so that the
 * model continues it; else the assistant's answer is begun. Text stays text: a control
 * token spelt out in a message is not one.
 *
 * @param systemMessage put first where the chat does not begin with a system message
 */
export function renderChatMl(
  messages: readonly ChatMessage[],
  systemMessage: string | undefined,
): readonly PromptPiece[] {
  const pieces: PromptPiece[] = [];
  const open = (role: string, content: string): void => {
    pieces.push(START, { kind: 'text', value: `${role}\n${content}` });
  };
  const close = (): void => {
    pieces.push(END, { kind: 'text', value: '\n' });
  };
  if (systemMessage !== undefined && messages[0]?.role !== 'system') {
    open('system', systemMessage);
    close();
  }
  messages.forEach((message, index) => {
    open(message.role, message.content);
    if (index < messages.length - 1 || message.role !== 'assistant') close();
  });
  if (messages.at(-1)?.role !== 'assistant') open('assistant', '');
  return pieces;
}
