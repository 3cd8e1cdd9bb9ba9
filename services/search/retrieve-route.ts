import type { Hit } from '../../src/types/retriever.ts';
import { replyInPieces } from './json-pieces.ts';
import { parseBody } from './request-body.ts';
import type { Route, ServiceContext } from './route.ts';
import { replySignal } from './route.ts';
import type { RetrievedDocument } from './schemas.ts';
import { replySchemas } from './schemas.ts';

/** How many queries were cut, where any was: the reply's shape has no place for it. */
export const truncatedHeader = 'x-ssp-truncated-queries';

/**
 * `POST /retrieve`: the wire shape of Search-R1's retrieval server, which veRL's and SkyRL's
 * clients speak too. They index `result[i][j].document.contents` with scores and
 * `result[i][j].contents` without; `contents` is `"Title"`, a newline, the text.
 */
export function retrieveRoute({ config, schemas, readiness }: ServiceContext): Route {
  return {
    method: 'POST',
    path: '/retrieve',
    summary: 'Passages for queries, in the shape of Search-R1, veRL and SkyRL',
    body: schemas.retrieve,
    reply: replySchemas.retrieve,
    handle: (request, reply) =>
      readiness.use(async (broker) => {
        const body = parseBody(schemas.retrieve, request.body);
        const { results, cut } = await broker.search(body.queries ?? [body.query ?? ''], {
          mode: broker.defaultMode,
          topK: body.topk ?? config.topK,
          signal: replySignal(reply, config.searchTimeoutMs),
        });
        if (cut > 0) void reply.header(truncatedHeader, String(cut));
        const result = results.map(({ hits }) =>
          hits.map((hit) =>
            body.return_scores === true
              ? { document: documentOf(hit), score: hit.score }
              : documentOf(hit),
          ),
        );
        const passages = results.flatMap(({ hits }) => hits);
        return replyInPieces(reply, { result }, passages);
      }),
  };
}

/** A title never spans lines: clients take the first line of `contents` for it. */
function documentOf({ id, title, text }: Hit): RetrievedDocument {
  const titleLine = title.replaceAll(/[\r\n]+/g, ' ');
  return { id, contents: `"${titleLine}"\n${text}`, title, text };
}
