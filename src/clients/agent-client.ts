import type { z } from 'zod';

import { catalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/error.ts';
import { SspError } from '../errors/error.ts';
import type {
  AgentBackend,
  AgentCall,
  ExplainReply,
  PageReply,
  PassageReply,
} from '../types/agent-backend.ts';
import { explainReplySchema, pageReplySchema, passageReplySchema } from '../types/agent-backend.ts';
import type { SearchReply } from '../types/search-service.ts';
import { searchReplySchema } from '../types/search-service.ts';
import { RequestError, requestWithRetry } from './retry.ts';
import { once, parseJson, refusal } from './search-client.ts';

/**
 * A running search service behind {@link AgentBackend}. What it refuses is thrown as the error that it
 * gave; throws SSP_SERVICE_UNREACHABLE, and SSP_SERVICE_REFUSED for a wrong token and for replies that
 * are none of this service.
 */
export class AgentClient implements AgentBackend {
  readonly #address: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, token: string | undefined) {
    this.#address = url.replace(/\/+$/, '');
    this.#headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  search(body: unknown, call: AgentCall): Promise<SearchReply> {
    return this.#ask('/v1/search', searchReplySchema, call, body);
  }

  passage(body: unknown, call: AgentCall): Promise<PassageReply> {
    const { id } = body as { readonly id: string };
    return this.#ask(`/v1/passages/${encodeURIComponent(id)}`, passageReplySchema, call);
  }

  page(body: unknown, call: AgentCall): Promise<PageReply> {
    const { title, ...part } = body as { readonly title: string };
    const given = Object.entries(part).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(
      given.map(([key, value]): [string, string] => [key, String(value)]),
    );
    const path = `/v1/pages/${encodeURIComponent(title)}?${query.toString()}`;
    return this.#ask(path, pageReplySchema, call);
  }

  explain(body: unknown, call: AgentCall): Promise<ExplainReply> {
    return this.#ask('/v1/explain', explainReplySchema, call, body);
  }

  async #ask<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    { signal }: AgentCall,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const init = { ...sent, headers: this.#headers };
    const read = (response: Response): Promise<string> => response.text();
    try {
      const text = await requestWithRetry(`${this.#address}${path}`, init, once, read, signal);
      const parsed = schema.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      throw refusal(this.#address, 200, text);
    } catch (error) {
      throw error instanceof RequestError ? this.#told(error) : error;
    }
  }

  #told(error: RequestError): SspError {
    if (error.status === undefined) {
      const details = { url: this.#address, problem: error.message };
      return new SspError('SSP_SERVICE_UNREACHABLE', details, { cause: error });
    }
    return relayed(error) ?? refusal(this.#address, error.status, error.body);
  }
}

/** The error that the service itself gave: with a wrong token it speaks of what this client does. */
function relayed({ status, body }: RequestError): SspError | undefined {
  const { code, details } = (parseJson(body) ?? {}) as { code?: string; details?: object };
  if (status === 401 || code === undefined || !Object.hasOwn(catalogue, code)) return undefined;
  return new SspError(code as ErrorCode, { ...details } as never);
}
