import { TimeSlices } from '../../src/concurrency/time-slices.ts';
import type { SspError } from '../../src/errors/error.ts';
import { isSspError } from '../../src/errors/error.ts';
import type { AgentCall } from '../../src/types/agent-backend.ts';
import type { Hit, SearchMode } from '../../src/types/retriever.ts';
import type { SearchHit, SearchReply } from '../../src/types/search-service.ts';
import { sourceOf } from './caller.ts';
import { cutText, queryWords, snippetOf } from './excerpt.ts';
import { replyInPieces } from './json-pieces.ts';
import type { BrokerReply, BrokerRequest, QueryBroker } from './query-broker.ts';
import type { Route, ServiceContext } from './route.ts';
import { replySignal } from './route.ts';
import type { SearchBody } from './schemas.ts';
import { replySchemas } from './schemas.ts';

const snippetChars = 300;

/** `POST /v1/search`: the shape for agents. */
export function searchRoute({ config, schemas, backend }: ServiceContext): Route {
  return {
    method: 'POST',
    path: '/v1/search',
    summary: 'Search for agents: one or several queries, a mode, texts cut to a length',
    body: schemas.search,
    reply: replySchemas.search,
    async handle(request, reply) {
      const signal = replySignal(reply, config.searchTimeoutMs);
      const answer = await backend.search(request.body, { signal, ...sourceOf(request) });
      const hits = answer.results.flatMap((result) => result.hits);
      return replyInPieces(reply, answer, hits);
    },
  };
}

/** The reply to a valid request for agents; `ssp search` gives the same one without a server. */
export async function answerSearch(
  broker: QueryBroker,
  body: SearchBody,
  call: AgentCall,
): Promise<SearchReply> {
  const startMs = performance.now();
  const queries = body.queries ?? [body.query ?? ''];
  const request = { ...call, mode: body.mode ?? broker.defaultMode, topK: body.topK };
  const answer = await searchOrDegrade(broker, queries, body.allowDegraded, request);
  const results: SearchReply['results'] = [];
  const slices = new TimeSlices();
  for (const [row, result] of answer.results.entries()) {
    const words = queryWords(queries[row] ?? '');
    const hits: SearchHit[] = [];
    for (const hit of result.hits) {
      await slices.next(call.signal);
      hits.push(searchHitOf(hit, words, body.maxChars ?? Infinity));
    }
    results.push({ hits, truncated: result.truncated });
  }
  return {
    mode: answer.mode,
    results,
    degraded: answer.degraded,
    timings: {
      totalMs: Math.round((performance.now() - startMs) * 1000) / 1000,
      cached: answer.cached,
    },
  };
}

type Answer = BrokerReply & Pick<SearchReply, 'mode' | 'degraded'>;

/**
 * Searches in the requested mode. Another mode answers only where the caller allowed it, with the
 * reason in the reply: a search never becomes keyword-only in silence.
 */
async function searchOrDegrade(
  broker: QueryBroker,
  queries: readonly string[],
  allowDegraded: boolean,
  request: BrokerRequest,
): Promise<Answer> {
  const { mode, signal } = request;
  try {
    return { ...(await broker.search(queries, request)), mode, degraded: null };
  } catch (error) {
    const isOurs = isSspError(error) && !isForAllModes(error) && !signal.aborted;
    if (!allowDegraded || !isOurs || !canDegrade(broker, mode)) throw error;
    const reply = await broker.search(queries, { ...request, mode: 'bm25' });
    const degraded = { requested: mode, code: error.code, reason: error.message };
    return { ...reply, mode: 'bm25', degraded };
  }
}

/** What bm25 would not do better. */
function isForAllModes(error: SspError): boolean {
  return error.status === 429 || isSspError(error, 'SSP_INDEX_DAMAGED');
}

function canDegrade({ index }: QueryBroker, mode: SearchMode): boolean {
  return mode !== 'bm25' && index.modes.includes('bm25');
}

function searchHitOf(hit: Hit, words: ReadonlySet<string>, maxChars: number): SearchHit {
  const { text, truncated } = cutText(hit.text, maxChars);
  return {
    id: hit.id,
    title: hit.title,
    url: hit.url ?? null,
    ...(hit.section === undefined || hit.section === '' ? {} : { section: hit.section }),
    snippet: snippetOf(hit.text, words, Math.min(snippetChars, maxChars)),
    text,
    truncated,
    score: hit.score,
    rank: hit.rank,
  };
}
