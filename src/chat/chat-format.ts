import { SspError } from '../errors/error.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { ChatTemplates } from './chat-template.ts';
import { openChatTemplates } from './chat-template.ts';
import type { Tokenizer } from './tokenizer.ts';
import { openTokenizer } from './tokenizer.ts';

interface ChatOptions {
  /** Ends with the head of an assistant message, which the model then writes. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** Functions that the model may call, as JSON schemas in OpenAI's form. */
  readonly tools?: readonly object[];
  /**
   * What else the template reads, such as `enable_thinking` (Qwen3) or `date_string` (Llama 3.1).
   * A template may ask for today's date; give `date_string` where a run must be repeatable.
   */
  readonly variables?: Readonly<Record<string, unknown>>;
  /**
   * Whether `<|im_end|>` and the like in a message of the system, the user or a tool stay plain
   * text, so that no content can end its message or open another. Default true; false gives the ids
   * of Python's apply_chat_template for such content too. Without such content the two are equal.
   * What the assistant said is always read with its tokens.
   */
  readonly plainContent?: boolean;
}

interface RenderedChat {
  readonly text: string;
  readonly ids: number[];
}

/** A model's tokenizer and its way to write a chat. */
export interface ChatFormat {
  readonly tokenizer: Tokenizer;
  /**
   * The chat as the model's template writes it, as text and as token ids. Throws
   * SSP_CHAT_TEMPLATE_FAILED for no messages and for what the template refuses.
   */
  renderChat(messages: readonly ChatMessage[], options?: ChatOptions): RenderedChat;
}

/**
 * Opens the tokenizer and the chat templates of a model folder. Throws what openTokenizer and
 * openChatTemplates throw.
 */
export async function openChatFormat(folder: string): Promise<ChatFormat> {
  const tokenizer = await openTokenizer(folder);
  const templates = await openChatTemplates(folder);
  const lookAlikes = new LookAlikes(tokenizer);
  return {
    tokenizer,
    renderChat(messages, options = {}) {
      if (messages.length === 0) {
        const problem = 'there is no message to render.';
        throw new SspError('SSP_CHAT_TEMPLATE_FAILED', { path: folder, problem });
      }
      const { plainContent = true, tools, variables } = options;
      const marked = plainContent ? lookAlikes.mark(messages, [tools, variables]) : undefined;
      const text = render({ tokenizer, templates }, marked?.messages ?? messages, options);
      if (marked === undefined) return { text, ids: tokenizer.encode(text) };
      const ids = lookAlikes.encode(text, marked.mark);
      return { text: text.replaceAll(marked.mark, ''), ids };
    },
  };
}

/** The variables of transformers' apply_chat_template. */
function render(
  { tokenizer, templates }: { tokenizer: Tokenizer; templates: ChatTemplates },
  messages: readonly ChatMessage[],
  { addGenerationPrompt = false, tools, variables }: ChatOptions,
): string {
  return templates.render({
    ...tokenizer.specialTokens,
    ...variables,
    messages,
    tools: tools ?? null,
    documents: null,
    add_generation_prompt: addGenerationPrompt,
  });
}

/** A chat whose look-alikes of added tokens are broken by a mark that occurs nowhere else. */
interface MarkedChat {
  readonly messages: readonly ChatMessage[];
  readonly mark: string;
}

/**
 * Tells the added tokens that a chat template writes from text in the messages that looks like one:
 * the look-alikes are marked before rendering, and unmarked and encoded as plain text after it.
 */
class LookAlikes {
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
