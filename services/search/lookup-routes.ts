import type { FastifyRequest } from 'fastify';

import { SspError } from '../../src/errors/error.ts';
import { lineChars, shown } from '../../src/errors/error.ts';
import type { Page, SearchIndex } from '../../src/types/retriever.ts';
import { replyInPieces } from './json-pieces.ts';
import type { Route, ServiceContext } from './route.ts';
import { replySchemas } from './schemas.ts';

/** `GET /v1/passages/{id}` and `GET /v1/pages/{title}`. */
export function lookupRoutes({ readiness }: ServiceContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/passages/{id}',
      summary: 'A passage by its id',
      reply: replySchemas.passage,
      handle: (request) =>
        readiness.use(async ({ index }) => {
          const id = restOfPath(request);
          const passage = await index.passage(id);
          if (passage === undefined)
            throw new SspError('SSP_PASSAGE_UNKNOWN', { id: shown(id, lineChars) });
          return passage;
        }),
    },
    {
      method: 'GET',
      path: '/v1/pages/{title}',
      summary: 'All passages of a page by its exact title; redirects are followed',
      reply: replySchemas.page,
      handle: (request, reply) =>
        readiness.use(async ({ index }) => {
          const title = restOfPath(request);
          const page = await pageOf(index, title);
          if (page === undefined)
            throw new SspError('SSP_PAGE_UNKNOWN', { title: shown(title, lineChars) });
          return replyInPieces(reply, page, page.passages);
        }),
    },
  ];
}

/** A page by its title, with underscores for spaces where no title has them, as in Wikipedia's addresses. */
export async function pageOf(index: SearchIndex, title: string): Promise<Page | undefined> {
  const page = await index.page(title);
  return page ?? (title.includes('_') ? index.page(title.replaceAll('_', ' ')) : undefined);
}

/** The decoded path parameter; slashes belong to it, encoded or not. */
function restOfPath(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'];
}
