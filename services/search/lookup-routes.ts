import type { FastifyRequest } from 'fastify';

import {
  explainReplySchema,
  pageReplySchema,
  passageReplySchema,
} from '../../src/types/agent-backend.ts';
import { sourceOf } from './caller.ts';
import { replyInPieces } from './json-pieces.ts';
import type { Route, ServiceContext } from './route.ts';
import { replySignal } from './route.ts';

/** `GET /v1/passages/{id}`, `GET /v1/pages/{title}` and `POST /v1/explain`. */
export function lookupRoutes({ backend, config, schemas }: ServiceContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/passages/{id}',
      summary: 'A passage by its id',
      reply: passageReplySchema,
      handle: (request, reply) =>
        backend.passage(
          { id: restOfPath(request) },
          { signal: replySignal(reply, config.searchTimeoutMs) },
        ),
    },
    {
      method: 'GET',
      path: '/v1/pages/{title}',
      summary: 'The passages of a page by its exact title, all or a part; redirects are followed',
      query: schemas.page.omit({ title: true }),
      reply: pageReplySchema,
      async handle(request, reply) {
        const signal = replySignal(reply, config.searchTimeoutMs);
        const page = await backend.page(pageRequest(request), { signal });
        return replyInPieces(reply, page, page.passages);
      },
    },
    {
      method: 'POST',
      path: '/v1/explain',
      summary: 'The parts of the score of a passage for a query',
      body: schemas.explain,
      reply: explainReplySchema,
      handle: (request, reply) =>
        backend.explain(request.body, {
          signal: replySignal(reply, config.searchTimeoutMs),
          ...sourceOf(request),
        }),
    },
  ];
}

/** `?maxChars=` is a number in a body; what is no number stays as it is and is refused as such. */
function pageRequest(request: FastifyRequest): object {
  const { maxChars, ...rest } = request.query as Record<string, unknown>;
  const isNumber = typeof maxChars === 'string' && /^\d+$/.test(maxChars);
  return {
    ...rest,
    ...(maxChars === undefined ? {} : { maxChars: isNumber ? Number(maxChars) : maxChars }),
    title: restOfPath(request),
  };
}

/** The decoded path parameter; slashes belong to it, encoded or not. */
function restOfPath(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'];
}
