import { z } from 'zod';

import type { Limiter } from '../concurrency/limits.ts';
import { createLimiter } from '../concurrency/limits.ts';
import { SspError } from '../errors/error.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { RetryPolicy } from './retry.ts';
import { RequestError, requestWithRetry } from './retry.ts';
import type { ServiceWatch } from './service-watch.ts';

/** Where an OpenAI-compatible chat server is, and how it is asked. */
export interface ChatServerOptions {
  /** `http://host:8080`, `.../v1` or the full `.../v1/chat/completions`. */
  readonly url: string;
  readonly model: string;
  readonly token?: string | undefined;
  /** Requests in flight at once; further ones wait here, in order. */
  readonly maxInFlight: number;
  /** Tries of one request, 1 or more. */
  readonly attempts: number;
  /** For one try. */
  readonly timeoutMs: number;
  /** Says what is waited for, and gives a silent server up; without it only deadlines do. */
  readonly watch?: ServiceWatch | undefined;
}

/** One completion to ask for. */
interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** 0 is greedy, and the default. */
  readonly temperature?: number;
}

/** What the model wrote. */
export interface ChatReply {
  readonly text: string;
  /** `length`: the limit of tokens was reached. */
  readonly finishReason: 'stop' | 'length';
  /**
   * The stop text that ended it, which most servers cut off; null for the model's own end; undefined
   * where the server does not tell the two apart.
   */
  readonly stopText: string | null | undefined;
}

const waits = { firstWaitMs: 500, longestWaitMs: 30_000 };
const shownChars = 300;

/**
 * A text, or parts of which those of text are what was said; others hold thinking, as Mistral's. Fields
 * beside it, `reasoning_content` and the like, are thinking too and are left alone.
 */
const contentSchema = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().nullish() }))])
  .nullish()
  .transform((content) =>
    Array.isArray(content)
      ? content.map(({ type, text }) => (isSaid.test(type) ? (text ?? '') : '')).join('')
      : (content ?? ''),
  );
const isSaid = /^(output_)?text$/;

// vLLM names the stop text in `stop_reason`, a token id there being an end of the model's own.
const replySchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: contentSchema }),
        finish_reason: z.string().nullish(),
        stop_reason: z.union([z.string(), z.int()]).nullish(),
      }),
    )
    .min(1),
});

/**
 * A caller of `POST /v1/chat/completions`. Asking changes nothing, so a lost reply is asked for
 * again. Throws SSP_CHAT_SERVER_UNREACHABLE, SSP_CHAT_SERVER_REFUSED, SSP_CHAT_REPLY_INVALID, and
 * the signal's reason once it is aborted.
 */
export class ChatServer {
  readonly #endpoint: string;
  readonly #model: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #retries: RetryPolicy;
  readonly #limiter: Limiter;
  readonly #watch: ServiceWatch | undefined;

  constructor(options: ChatServerOptions) {
    const { url, model, token, maxInFlight, attempts, timeoutMs, watch } = options;
    this.#watch = watch;
    this.#endpoint = endpointOf(url);
    this.#model = model;
    this.#headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    this.#retries = { ...waits, attempts, timeoutMs };
    this.#limiter = createLimiter(maxInFlight);
  }

  complete(request: ChatRequest, signal?: AbortSignal): Promise<ChatReply> {
    const watch = this.#watch;
    const send = (ends?: AbortSignal): Promise<ChatReply> => this.#send(request, ends);
    return this.#limiter(
      () => (watch === undefined ? send(signal) : watch.during('reply', signal, send)),
      signal,
    );
  }

  async #send(
    { messages, maxTokens, stop, seed, temperature = 0 }: ChatRequest,
    signal: AbortSignal | undefined,
  ): Promise<ChatReply> {
    const sampling = { temperature, max_tokens: maxTokens, stop, seed };
    const init: RequestInit = {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify({ model: this.#model, messages, ...sampling }),
    };
    try {
      const read = (response: Response): Promise<string> => response.text();
      return this.#read(await requestWithRetry(this.#endpoint, init, this.#retries, read, signal));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const { status, message: problem } = error;
      const url = this.#endpoint;
      if (status === undefined) {
        throw new SspError('SSP_CHAT_SERVER_UNREACHABLE', { url, problem }, { cause: error });
      }
      const reply = error.body.slice(0, shownChars);
      throw new SspError('SSP_CHAT_SERVER_REFUSED', { url, status, reply });
    }
  }

  #read(body: string): ChatReply {
    const parsed = replySchema.safeParse(parseJson(body));
    const choice = parsed.data?.choices[0];
    if (choice === undefined) {
      const problem = body.slice(0, shownChars);
      throw new SspError('SSP_CHAT_REPLY_INVALID', { url: this.#endpoint, problem });
    }
    const { stop_reason: stopReason } = choice;
    return {
      text: choice.message.content,
      finishReason: choice.finish_reason === 'length' ? 'length' : 'stop',
      stopText: typeof stopReason === 'number' ? null : stopReason,
    };
  }
}

function endpointOf(url: string): string {
  const base = url.replace(/\/+$/, '');
  if (base.endsWith('/chat/completions')) return base;
  return `${base}${base.endsWith('/v1') ? '' : '/v1'}/chat/completions`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
