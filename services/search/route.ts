import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

import type { ServiceConfig } from '../../src/config/service.ts';
import { SspError } from '../../src/errors/error.ts';
import type { AgentBackend } from '../../src/types/agent-backend.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import type { RequestSchemas } from './schemas.ts';

/** One operation of the service: what is registered and what the OpenAPI document says of it. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `/v1/passages/{id}`; a parameter takes the whole rest of the path. */
  readonly path: string;
  readonly summary: string;
  /** Open to callers without a token. */
  readonly open?: boolean;
  /** The path under which the same operation is documented, where this is another one. */
  readonly aliasOf?: string;
  readonly body?: z.ZodType;
  /** What may stand behind the `?` of the path. */
  readonly query?: z.ZodObject;
  /** The body of an error's reply, where it is not the error itself. */
  readonly errorBody?: ErrorBody;
  /** JSON reply; absent for plain text. */
  readonly reply?: z.ZodType;
  /** Statuses beside 200 that carry the same reply, with what they mean. */
  readonly otherStatuses?: Readonly<Record<number, string>>;
  /** Gives the reply's body. Throws SspError for everything that has none. */
  handle(request: FastifyRequest, reply: FastifyReply): unknown;
}

/** Makes an error the body of a reply to a request that had `body`, where that was read. */
export type ErrorBody = (error: SspError, body: unknown) => object;

/** What the routes of one service share. */
export interface ServiceContext {
  readonly config: ServiceConfig;
  readonly schemas: RequestSchemas;
  readonly readiness: Readiness;
  readonly backend: AgentBackend;
  readonly metrics: Metrics;
}

/**
 * Aborted when the client goes away before it has its reply, and with SSP_SEARCH_TIMEOUT after
 * `timeoutMs`. Costs nothing more once the reply is sent.
 */
export function replySignal(reply: FastifyReply, timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new SspError('SSP_SEARCH_TIMEOUT', { timeoutMs }));
  }, timeoutMs).unref();
  reply.raw.once('close', () => {
    clearTimeout(timer);
    if (!reply.raw.writableFinished) controller.abort(new Error('the client went away'));
  });
  return controller.signal;
}
