import type { FastifyReply, FastifyRequest } from 'fastify';

import type { QueryResult } from '../../src/types/retriever.ts';
import { sourceOf } from './caller.ts';
import { replyInPieces } from './json-pieces.ts';
import { parseBody } from './request-body.ts';
import { contentsOf, truncatedHeader } from './retrieve-route.ts';
import type { Route, ServiceContext } from './route.ts';
import { replySignal } from './route.ts';
import type { PlainDocument } from './schemas.ts';
import { replySchemas } from './schemas.ts';

/** What both routes ask. */
interface FlashRagBody {
  readonly queries: readonly string[];
  readonly top_n: number;
  readonly return_score: boolean;
}

/**
 * `POST /search` and `POST /batch_search`: the shape of the retrieval servers over FlashRAG, as ReCall
 * and R1-Searcher ask them. The reply is the list of documents itself, with `return_score` a pair of it
 * and the scores.
 */
export function flashRagRoutes(context: ServiceContext): Route[] {
  const { schemas } = context;
  return [
    {
      method: 'POST',
      path: '/search',
      summary: 'Passages for one query, in the shape of servers over FlashRAG',
      body: schemas.flashRagSearch,
      reply: replySchemas.flashRagSearch,
      handle: (request, reply) =>
        answer(
          context,
          { request, reply },
          (lists) => lists[0] ?? [],
          () => {
            const body = parseBody(schemas.flashRagSearch, request.body);
            return { ...body, queries: [body.query] };
          },
        ),
    },
    {
      method: 'POST',
      path: '/batch_search',
      summary: 'Passages for queries, in the shape of servers over FlashRAG',
      body: schemas.flashRagBatch,
      reply: replySchemas.flashRagBatch,
      handle: (request, reply) =>
        answer(
          context,
          { request, reply },
          (lists) => lists,
          () => {
            const body = parseBody(schemas.flashRagBatch, request.body);
            return { ...body, queries: body.query ?? body.queries ?? [] };
          },
        ),
    },
  ];
}

/**
 * `shape` makes of one list a query what the route gives. A body is looked at once there is an index to
 * ask, as every route does: until then nobody is told more than to wait.
 */
function answer(
  { config, readiness }: ServiceContext,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  shape: (lists: readonly unknown[]) => unknown,
  read: () => FlashRagBody,
): Promise<unknown> {
  return readiness.use(async (broker) => {
    const { queries, top_n: topK, return_score: withScores } = read();
    const { results, cut } = await broker.search(queries, {
      ...{ mode: broker.defaultMode, topK, ...sourceOf(request) },
      signal: replySignal(reply, config.searchTimeoutMs),
    });
    if (cut > 0) void reply.header(truncatedHeader, String(cut));
    const documents = shape(results.map(documentsOf));
    const scores = shape(results.map(({ hits }) => hits.map(({ score }) => score)));
    const passages = results.flatMap(({ hits }) => hits);
    return replyInPieces(reply, withScores ? [documents, scores] : documents, passages);
  });
}

function documentsOf({ hits }: QueryResult): PlainDocument[] {
  return hits.map(({ id, title, text }) => ({ id, contents: contentsOf(title, text) }));
}
