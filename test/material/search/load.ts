import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { QueryResult, SearchIndex, SearchMode } from '../../../src/types/retriever.ts';

/** What a crowd of clients asks a service. */
export interface LoadPlan {
  readonly url: string;
  readonly clients: number;
  readonly requests: number;
  readonly queries: readonly string[];
  readonly topKs: readonly number[];
  readonly seed: number;
}

/** What came back. `latenciesMs` counts from a request's first try to its answer. */
export interface LoadReport {
  readonly seconds: number;
  readonly answered: number;
  /** 429 replies with a Retry-After; each of these requests was repeated until it was answered. */
  readonly rejected: number;
  /** Requests with another status, a broken connection or another answer than the index's own. */
  readonly failures: readonly string[];
  readonly latenciesMs: Readonly<Record<string, readonly number[]>>;
}

/** One request of the plan, and how its reply is read. */
interface LoadRequest {
  readonly kind: string;
  readonly path: string;
  readonly body: object;
  readonly mode: SearchMode;
  readonly topK: number;
  readonly queries: readonly string[];
  hitsOf(reply: unknown): readonly (readonly ScoredId[])[];
}

/** A hit by its id and score. */
export type ScoredId = readonly [id: string, score: number];

/**
 * Sends `plan.requests` requests of all shapes and modes, `plan.clients` at a time, and holds every
 * answer against `index` searched directly.
 */
export async function runLoad(plan: LoadPlan, index: SearchIndex): Promise<LoadReport> {
  const expected = await directAnswers(plan, index);
  const random = generator(plan.seed);
  const planned = Array.from({ length: plan.requests }, () => drawRequest(plan, index, random));
  const agent = new Agent({ keepAlive: true, maxSockets: plan.clients });
  const latenciesMs: Record<string, number[]> = {};
  const failures: string[] = [];
  let [next, rejected, answered] = [0, 0, 0];
  async function client(): Promise<void> {
    for (let one = planned[next++]; one !== undefined; one = planned[next++]) {
      const startedMs = performance.now();
      try {
        let reply = await post(agent, plan.url, one);
        for (; reply.status === 429 && reply.retryAfter > 0; rejected += 1) {
          await sleep(reply.retryAfter * 1000 * random());
          reply = await post(agent, plan.url, one);
        }
        const problem = problemOf(reply, one, expected);
        if (problem !== undefined) failures.push(`${one.kind}: ${problem}`);
        else answered += 1;
      } catch (error) {
        failures.push(`${one.kind}: ${String(error)}`);
      }
      (latenciesMs[one.kind] ??= []).push(performance.now() - startedMs);
    }
  }
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: plan.clients }, client));
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  return { seconds, answered, rejected, failures, latenciesMs };
}

const batchQueries = 64;

async function directAnswers(
  { queries, topKs }: LoadPlan,
  index: SearchIndex,
): Promise<ReadonlyMap<string, readonly ScoredId[]>> {
  const answers = new Map<string, readonly ScoredId[]>();
  for (const mode of index.modes) {
    for (const topK of topKs) {
      for (let row = 0; row < queries.length; row += batchQueries) {
        const batch = queries.slice(row, row + batchQueries);
        const results = await index.retriever(mode).search(batch, { topK });
        batch.forEach((query, i) => answers.set(`${mode} ${topK} ${query}`, scoredIds(results[i])));
      }
    }
  }
  return answers;
}

function scoredIds(result: QueryResult | undefined): ScoredId[] {
  return (result?.hits ?? []).map(({ id, score }) => [id, score]);
}

function drawRequest(
  { queries, topKs }: LoadPlan,
  index: SearchIndex,
  random: () => number,
): LoadRequest {
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  const topK = pick(topKs);
  const best =
    (['hybrid', 'dense', 'bm25'] as const).find((mode) => index.modes.includes(mode)) ?? 'bm25';
  const shape = pick(['queries', 'query', 'agent', 'agent', 'agent-batch'] as const);
  if (shape === 'queries' || shape === 'query') {
    const asked = shape === 'query' ? [pick(queries)] : [pick(queries), pick(queries)];
    const what = shape === 'query' ? { query: asked[0] } : { queries: asked };
    return {
      ...{ kind: `retrieve ${best}`, path: '/retrieve', mode: best, topK, queries: asked },
      body: { ...what, topk: topK, return_scores: true },
      hitsOf: (reply) =>
        (reply as RetrieveReply).result.map((hits) =>
          hits.map(({ document, score }) => [document.id, score]),
        ),
    };
  }
  const mode = pick(index.modes);
  const asked = shape === 'agent' ? [pick(queries)] : [pick(queries), pick(queries), pick(queries)];
  return {
    ...{ kind: `search ${mode}`, path: '/v1/search', mode, topK, queries: asked },
    body: { ...(shape === 'agent' ? { query: asked[0] } : { queries: asked }), topK, mode },
    hitsOf: (reply) =>
      (reply as AgentReply).results.map(({ hits }) => hits.map(({ id, score }) => [id, score])),
  };
}

interface RetrieveReply {
  readonly result: readonly (readonly {
    readonly document: { readonly id: string };
    readonly score: number;
  }[])[];
}
interface AgentReply {
  readonly results: readonly {
    readonly hits: readonly { readonly id: string; readonly score: number }[];
  }[];
}
interface HttpReply {
  readonly status: number;
  readonly retryAfter: number;
  readonly text: string;
}

function post(agent: Agent, url: string, { path, body }: LoadRequest): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const outgoing = request(`${url}${path}`, { agent, method: 'POST', headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        resolve({
          status: reply.statusCode ?? 0,
          retryAfter: Number(reply.headers['retry-after'] ?? 0),
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** Scores of one text may differ in the last digits with the batch around it. */
const scoreTolerance = 1e-4;

function problemOf(
  reply: HttpReply,
  one: LoadRequest,
  expected: ReadonlyMap<string, readonly ScoredId[]>,
): string | undefined {
  if (reply.status !== 200) return `${reply.status} ${reply.text.slice(0, 200)}`;
  const given = one.hitsOf(JSON.parse(reply.text));
  if (given.length !== one.queries.length)
    return `${given.length} lists for ${one.queries.length} queries`;
  const wrong = one.queries.findIndex((query, i) => {
    const wanted = expected.get(`${one.mode} ${one.topK} ${query}`) ?? [];
    return !sameHits(given[i] ?? [], wanted);
  });
  return wrong === -1
    ? undefined
    : `another answer than the index's for "${one.queries[wrong] ?? ''}"`;
}

/** The same passages in the same order; neighbours whose scores hardly differ may change places. */
export function sameHits(given: readonly ScoredId[], wanted: readonly ScoredId[]): boolean {
  const scores = new Map(wanted);
  const least = wanted.at(-1)?.[1] ?? 0;
  return (
    given.length === wanted.length &&
    given.every(([id, score], i) => {
      const near = (other: number | undefined): boolean =>
        other !== undefined &&
        Math.abs(score - other) <= scoreTolerance * Math.max(1, Math.abs(other));
      return near(wanted[i]?.[1]) && near(scores.get(id) ?? least);
    })
  );
}

/** Numbers in [0, 1) that repeat with their seed (a linear congruential generator, Knuth's MMIX). */
export function generator(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 33n) / 2 ** 31;
  };
}
