import type { McpServerFactory } from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';

import { createSearchApp } from '../../../services/search/app.ts';
import { createMetrics } from '../../../services/search/metrics.ts';
import { QueryBroker } from '../../../services/search/query-broker.ts';
import type { QueryWatch } from '../../../services/search/query-watch.ts';
import { Readiness, ServedIndex } from '../../../services/search/readiness.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';

/** What a reply to an injected request was. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: unknown;
}

/** What an app may have beside its index. */
interface AppParts {
  readonly watch?: QueryWatch;
  readonly mcpServers?: McpServerFactory | undefined;
}

/** The app over an index that is ready, without a socket. */
export class RunningApp {
  readonly app: FastifyInstance;
  readonly broker: QueryBroker;

  constructor(
    index: SearchIndex,
    settings: object = {},
    token?: string,
    { watch, mcpServers }: AppParts = {},
  ) {
    const config = serviceConfig.parse(settings);
    const readiness = new Readiness();
    const metrics = createMetrics();
    this.app = createSearchApp({
      ...{ config, readiness, metrics, token },
      ...(mcpServers && { mcpServers }),
    });
    this.broker = new QueryBroker(index, config, metrics, { watch });
    readiness.ready(new ServedIndex(this.broker));
  }

  post(
    url: string,
    payload: object | string,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const json = { 'content-type': 'application/json', ...headers };
    return this.#inject({ method: 'POST', url, payload, headers: json });
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#inject({ method: 'GET', url, headers });
  }

  /** As a request over a connection from `remoteAddress`. */
  getFrom(
    remoteAddress: string,
    url: string,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    return this.#inject({ method: 'GET', url, headers, remoteAddress });
  }

  async #inject(request: object): Promise<Reply> {
    const reply = await this.app.inject(request);
    const isJson = String(reply.headers['content-type']).startsWith('application/json');
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      body: isJson && reply.body !== '' ? (JSON.parse(reply.body) as unknown) : undefined,
    };
  }
}
