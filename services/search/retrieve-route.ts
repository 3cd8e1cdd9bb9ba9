import type { Hit } from '../../src/types/retriever.ts';
import { sourceOf } from './caller.ts';
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
 * `result[i][j].contents` without; `contents` is `"Title"`, a newline, the text. ASearcher's client
 * also reads `url`, in each document. rLLM's names the hits `top_k` and reads `results`, always with
 * scores.
 */
export function retrieveRoute({ config, schemas, readiness }: ServiceContext): Route {
  return {
    method: 'POST',
    path: '/retrieve',
    summary: 'Passages for queries, in the shape of Search-R1, veRL, SkyRL, ASearcher and rLLM',
    body: schemas.retrieve,
    reply: replySchemas.retrieve,
    handle: (request, reply) =>
      readiness.use(async (broker) => {
        const body = parseBody(schemas.retrieve, request.body);
        const isRllm = body.top_k !== undefined;
        const { results, cut } = await broker.search(body.queries ?? [body.query ?? ''], {
          mode: broker.defaultMode,
          topK: body.topk ?? body.top_k ?? config.topK,
          signal: replySignal(reply, config.searchTimeoutMs),
          ...sourceOf(request),
        });
        if (cut > 0) void reply.header(truncatedHeader, String(cut));
        const withScores = body.return_scores ?? isRllm;
        const result = results.map(({ hits }) => hits.map((hit) => resultOf(hit, withScores)));
        const isOne = isRllm && body.query !== undefined;
        const passages = results.flatMap(({ hits }) => hits);
        return replyInPieces(reply, isOne ? { results: result[0] ?? [] } : { result }, passages);
      }),
  };
}

function resultOf(hit: Hit, withScores: boolean): RetrievedDocument | ScoredDocument {
  const { id, title, text, url = pagePath(title) } = hit;
  const document = { id, contents: contentsOf(title, text), title, text, url };
  return withScores ? { document, score: hit.score } : document;
}

interface ScoredDocument {
  readonly document: RetrievedDocument;
  readonly score: number;
}

/** A title never spans lines: clients take the first line of `contents` for it. */
export function contentsOf(title: string, text: string): string {
  return `"${title.replaceAll(/[\r\n]+/g, ' ')}"\n${text}`;
}

/** The path of `GET /v1/pages/{title}`. */
function pagePath(title: string): string {
  return `${pagesPath}${encodeURIComponent(title.toWellFormed())}`;
}

export const pagesPath = '/v1/pages/';
