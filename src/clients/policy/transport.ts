import { Agent } from 'undici';
import type { z } from 'zod';

import type { Limiter } from '../../concurrency/limits.ts';
import { createLimiter } from '../../concurrency/limits.ts';
import { SspError } from '../../errors/error.ts';
import type { RetryPolicy } from '../retry.ts';
import { RequestError, requestWithRetry } from '../retry.ts';
import type { ServiceWatch } from '../service-watch.ts';
import { errorReply } from './wire.ts';

/** Where a policy service is, and how it is asked. */
export interface PolicyServiceOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Requests in flight at once; further ones wait here, in order. */
  readonly maxInFlight?: number;
  /** For one attempt of a completion or a scoring, its time in the service's queue included. */
  readonly sampleTimeoutMs?: number;
  /** For one attempt of a call that trains, saves or loads. */
  readonly trainTimeoutMs?: number;
  /** Says what is waited for, and gives a silent service up; without it only deadlines do. */
  readonly watch?: ServiceWatch | undefined;
}

/** One call of the service. */
export interface Call<Schema extends z.ZodType> {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly reply: Schema;
  readonly timeoutMs: number;
  /** Repeating it changes nothing, so a lost reply is asked for again. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

const repeats = { attempts: 6, firstWaitMs: 250, longestWaitMs: 15_000 };

/** Requests to one policy service: bounded, with deadlines, retried only where that is safe. */
export class PolicyTransport {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #limiter: Limiter;
  readonly #watch: ServiceWatch | undefined;
  // A long completion sends its headers when it ends: only the call's own deadline counts.
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

  constructor({ url, token, maxInFlight = 512, watch }: PolicyServiceOptions) {
    this.#watch = watch;
    this.#url = url.replace(/\/+$/, '');
    this.#limiter = createLimiter(maxInFlight);
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /**
   * The reply to `call`. Throws SSP_POLICY_UNREACHABLE, SSP_POLICY_TIMEOUT, SSP_POLICY_REFUSED
   * with the service's own code and message, SSP_POLICY_REPLY_INVALID, SSP_SERVICE_SILENT under a
   * watch, and the signal's reason once it is aborted; an abort ends the work at the service too.
   */
  async call<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.output<Schema>> {
    const reply = await this.#limiter(() => this.#watched(call), call.signal);
    const parsed = call.reply.safeParse(reply);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const problem = `${call.path} ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    throw new SspError('SSP_POLICY_REPLY_INVALID', { url: this.#url, problem });
  }

  /** Closes the connections; calls under way are let finish. */
  async close(): Promise<void> {
    await this.#agent.close();
  }

  #watched<Schema extends z.ZodType>(call: Call<Schema>): Promise<unknown> {
    if (this.#watch === undefined) return this.#send(call);
    const what = call.path.split('/').at(-1) ?? '';
    return this.#watch.during(what, call.signal, (signal) => this.#send({ ...call, signal }));
  }

  async #send<Schema extends z.ZodType>(call: Call<Schema>): Promise<unknown> {
    const { path, body, timeoutMs, isRepeatable, signal } = call;
    const init: RequestInit = {
      method: call.method ?? 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Node's types describe the copy of undici that it bundles, which takes this one's agents.
      dispatcher: this.#agent as unknown as NonNullable<RequestInit['dispatcher']>,
    };
    const policy: RetryPolicy = { ...repeats, timeoutMs, ...(isRepeatable ? {} : { attempts: 1 }) };
    try {
      return await requestWithRetry(`${this.#url}${path}`, init, policy, readJson, signal);
    } catch (error) {
      throw this.#coded(error, timeoutMs);
    }
  }

  #coded(error: unknown, timeoutMs: number): unknown {
    if (!(error instanceof RequestError)) return error;
    const url = this.#url;
    const { status, body, message } = error;
    if (status === undefined) {
      const isTimeout = error.cause instanceof Error && error.cause.name === 'TimeoutError';
      return isTimeout
        ? new SspError('SSP_POLICY_TIMEOUT', { url, timeoutMs }, { cause: error })
        : new SspError('SSP_POLICY_UNREACHABLE', { url, problem: message }, { cause: error });
    }
    const { code, problem } = refusalOf(body, message);
    return new SspError('SSP_POLICY_REFUSED', { url, status, code, problem });
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The code and message of an error body, or the bare text of another program's. */
function refusalOf(body: string, message: string): { code: string; problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  const parsed = errorReply.safeParse(json);
  if (!parsed.success) return { code: 'no code', problem: message };
  const { code, message: text, remedy } = parsed.data;
  return { code: String(code ?? 'no code'), problem: [text, remedy].filter(Boolean).join(' ') };
}
