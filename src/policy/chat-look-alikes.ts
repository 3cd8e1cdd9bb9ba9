import type { ChatMessage } from '../types/chat-message.ts';
import type { Tokenizer } from './tokenizer.ts';

/** A chat whose look-alikes of added tokens are broken by a mark that occurs nowhere else. */
export interface MarkedChat {
  readonly messages: readonly ChatMessage[];
  readonly mark: string;
}

/**
 * Tells the added tokens that a chat template writes from text in the messages that looks like one:
 * the look-alikes are marked before rendering, and unmarked and encoded as plain text after it.
 */
export class LookAlikes {
  readonly #tokenizer: Tokenizer;
  /** Splits a text at the added tokens, which become the odd parts. */
  readonly #tokens: RegExp;
  /** The first character of each added token in a text. */
  readonly #starts: RegExp;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    const longestFirst = [...tokenizer.addedTokens.keys()].sort((a, b) => b.length - a.length);
    const tokens = longestFirst.map(escape).join('|') || '(?!)';
    this.#tokens = new RegExp(`(${tokens})`, 'u');
    this.#starts = new RegExp(`(?=${tokens}).`, 'gsu');
  }

  /**
   * Marks the look-alikes in all messages but the assistant's, whose text is the model's own.
   * Undefined where there are none. `others` is what else the template reads.
   */
  mark(messages: readonly ChatMessage[], others: unknown): MarkedChat | undefined {
    const isSuspect = ({ role, content }: ChatMessage): boolean =>
      role !== 'assistant' && this.#tokens.test(content);
    if (!messages.some(isSuspect)) return undefined;
    const mark = unusedCharacter(JSON.stringify([messages, others]));
    const marked = messages.map((message) => {
      if (!isSuspect(message)) return message;
      const content = message.content.replace(this.#starts, (first) => first + mark);
      return { ...message, content };
    });
    return { messages: marked, mark };
  }

  /** Ids of a rendered text with marks: added tokens where the template put them, else plain. */
  encode(rendered: string, mark: string): number[] {
    return rendered.split(this.#tokens).flatMap((part, i) => {
      if (i % 2 === 1) return this.#tokenizer.addedTokens.get(part) ?? [];
      return this.#tokenizer.encode(part.replaceAll(mark, ''), { plainText: true });
    });
  }
}

/** One of the code points that Unicode keeps free of meaning. */
function unusedCharacter(text: string): string {
  let codePoint = 0xfdd0;
  while (text.includes(String.fromCodePoint(codePoint))) codePoint += 1;
  return String.fromCodePoint(codePoint);
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
