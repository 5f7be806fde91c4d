const openTag = '<think>';
const closeTag = '</think>';

/** A piece of an answer, told apart. */
export interface SplitText {
  readonly text: string;
  readonly reasoning: string;
}

/**
 * Tells reasoning in a leading `<think>` block apart from the answer while it
 * arrives, holding back only what may still become a tag.
 */
export class ThinkSplitter {
  #state: 'start' | 'reasoning' | 'gap' | 'text';
  #pending = '';

  /** @param inside true where the caller's begun answer has opened the block already */
  constructor(inside: boolean) {
    this.#state = inside ? 'reasoning' : 'start';
  }

  /** Takes the next piece of content. */
  push(content: string): SplitText {
    this.#pending += content;
    let text = '';
    let reasoning = '';
    if (this.#state === 'start') {
      const body = this.#pending.trimStart();
      if (body.startsWith(openTag)) {
        this.#state = 'reasoning';
        this.#pending = body.slice(openTag.length);
      } else if (!openTag.startsWith(body)) {
        this.#state = 'text';
      }
    }
    if (this.#state === 'reasoning') {
      const end = this.#pending.indexOf(closeTag);
      const cut = end >= 0 ? end : this.#pending.length - heldBack(this.#pending, closeTag);
      reasoning = this.#pending.slice(0, cut);
      this.#pending = this.#pending.slice(end >= 0 ? end + closeTag.length : cut);
      if (end >= 0) this.#state = 'gap';
    }
    if (this.#state === 'gap') {
      this.#pending = this.#pending.replace(/^[\r\n]+/, '');
      if (this.#pending !== '') this.#state = 'text';
    }
    if (this.#state === 'text') {
      text = this.#pending;
      this.#pending = '';
    }
    return { text, reasoning };
  }

  /** What was held back, once there is no more. */
  end(): SplitText {
    const rest = this.#pending;
    this.#pending = '';
    return this.#state === 'reasoning' ? { text: '', reasoning: rest } : { text: rest, reasoning: '' };
  }
}

/**
 * Splits a whole answer whose opening tag stood in the prompt, so that only the
 * closing one arrived. Text without a closing tag comes back as it is.
 */
export function splitUnopened(text: string): SplitText {
  const end = text.indexOf(closeTag);
  if (end < 0) return { text, reasoning: '' };
  return { text: text.slice(end + closeTag.length).replace(/^[\r\n]+/, ''), reasoning: text.slice(0, end) };
}

/** Whether a begun answer has opened a block that it has not closed. */
export function endsInsideThink(begun: string): boolean {
  return begun.lastIndexOf(openTag) > begun.lastIndexOf(closeTag);
}

/** Length of the longest end of `text` that is a beginning of `tag`. */
function heldBack(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
