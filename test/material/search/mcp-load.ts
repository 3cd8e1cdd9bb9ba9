import { setTimeout as sleep } from 'node:timers/promises';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { AgentBackend } from '../../../src/types/agent-backend.ts';
import type { SearchMode } from '../../../src/types/retriever.ts';
import type { ScoredId } from './load.ts';
import { generator, sameHits } from './load.ts';

/** What a crowd of agents asks a service, and what gives the right answers. */
export interface AgentPlan {
  readonly url: string;
  readonly clients: number;
  readonly calls: number;
  readonly queries: readonly string[];
  readonly modes: readonly SearchMode[];
  readonly seed: number;
  readonly backend: AgentBackend;
}

/** What came back. `latenciesMs` counts from a call's first try to its answer. */
export interface AgentReport {
  readonly seconds: number;
  readonly answered: number;
  /** Calls that were answered SSP_OVERLOADED; each was repeated. */
  readonly refused: number;
  /** Calls with another answer than the index's own, with another error, or without an end. */
  readonly failures: readonly string[];
  readonly latenciesMs: Readonly<Record<string, readonly number[]>>;
}

const patienceMs = 120_000;
const retryMs = 500;
const signal = new AbortController().signal;

interface Reply {
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}
type Call = (name: string, args: object) => Promise<Reply>;
type Pick = <Item>(items: readonly Item[]) => Item;

/**
 * Calls every tool over MCP, `plan.clients` at a time by as many clients of the SDK, half of them by
 * revision 2025-11-25 and half by 2026-07-28, and holds every answer against `plan.backend`.
 */
export async function runAgents(plan: AgentPlan): Promise<AgentReport> {
  const random = generator(plan.seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)] as never;
  const latenciesMs: Record<string, number[]> = {};
  const failures: string[] = [];
  let [begun, answered, refused] = [0, 0, 0];
  const agent = async (client: Client): Promise<void> => {
    const call: Call = async (name, args) => {
      for (;;) {
        const given = { name, arguments: args as Record<string, unknown> };
        const reply = (await client.callTool(given, { timeout: patienceMs })) as never as Reply;
        if (reply.isError !== true) return reply;
        if (!reply.content[0]?.text.startsWith('SSP_OVERLOADED: ')) {
          throw new Error(reply.content[0]?.text);
        }
        refused += 1;
        await sleep(retryMs * random());
      }
    };
    while (begun < plan.calls) {
      begun += 1;
      const [kind, ask] = pick(kinds);
      const startedMs = performance.now();
      try {
        const problem = await ask(call, plan, pick);
        if (problem === undefined) answered += 1;
        else failures.push(`${kind}: ${problem}`);
      } catch (error) {
        failures.push(`${kind}: ${String(error)}`);
      }
      (latenciesMs[kind] ??= []).push(performance.now() - startedMs);
    }
  };
  const clients = await Promise.all(
    Array.from({ length: plan.clients }, (_, i) => connected(plan.url, i % 2 === 0)),
  );
  const startedMs = performance.now();
  await Promise.all(clients.map(agent));
  const seconds = (performance.now() - startedMs) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  return { seconds, answered, refused, failures, latenciesMs };
}

async function connected(url: string, isNew: boolean): Promise<Client> {
  const versionNegotiation = { mode: isNew ? ('auto' as const) : ('legacy' as const) };
  const client = new Client({ name: 'load', version: '1' }, { versionNegotiation });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  return client;
}

/** Each gives what is wrong with the answer, undefined for a right one. */
type Ask = (call: Call, plan: AgentPlan, pick: Pick) => Promise<string | undefined>;

const searches: Ask = async (call, { queries, modes, backend }, pick) => {
  const body = { queries: [pick(queries), pick(queries)], mode: pick(modes), topK: pick([3, 10]) };
  const reply = await call('search', body);
  const expected = await backend.search({ ...body, maxChars: 2000 }, { signal });
  const given = reply.structuredContent?.['results'] as { hits: FoundHit[] }[];
  const texts = new Map(
    expected.results.flatMap(({ hits }) => hits.map(({ id, text }) => [id, text])),
  );
  const isRight = expected.results.every(({ hits }, query) =>
    sameHits(
      (given[query]?.hits ?? []).map(({ id, score }): ScoredId => [id, score]),
      hits.map(({ id, score }): ScoredId => [id, score]),
    ),
  );
  const isRead = given
    .flatMap(({ hits }) => hits)
    .every(({ id, content }) => {
      const text = reply.content[content]?.text ?? '';
      return text.includes(id) && (!texts.has(id) || text.endsWith(texts.get(id) ?? ''));
    });
  return isRight && isRead ? undefined : `another answer for ${JSON.stringify(body)}`;
};

interface FoundHit {
  readonly id: string;
  readonly score: number;
  readonly content: number;
}

const readsPassages: Ask = async (call, { queries, backend }, pick) => {
  const passage = await foundPassage(backend, pick(queries));
  const reply = await call('read_passage', { id: passage.id });
  return reply.content[1]?.text === passage.text ? undefined : `another text for ${passage.id}`;
};

const readsPages: Ask = async (call, { queries, backend }, pick) => {
  const { title } = await foundPassage(backend, pick(queries));
  const whole = await backend.page({ title }, { signal });
  let text = '';
  let cursor: unknown;
  do {
    const given = cursor === undefined ? { title } : { title, cursor };
    const reply = await call('read_page', { ...given, maxChars: 700 });
    const blocks = reply.content.slice(1);
    text += blocks.map((block) => block.text.slice(block.text.indexOf('\n') + 1)).join(' ');
    text += ' ';
    cursor = reply.structuredContent?.['cursor'];
  } while (cursor !== null);
  const expected = whole.passages.map((passage) => passage.text).join(' ');
  return squeezed(text) === squeezed(expected) ? undefined : `another text for ${title}`;
};

const explains: Ask = async (call, { queries, modes, backend }, pick) => {
  const query = pick(queries);
  const { id } = await foundPassage(backend, query);
  const body = { query, id, mode: pick(modes) };
  const reply = await call('explain', body);
  const { explanation } = await backend.explain(body, { signal });
  const score = Number(reply.structuredContent?.['score']);
  return sameHits([[id, score]], [[id, explanation.score]]) ? undefined : `another score: ${score}`;
};

const kinds = [
  ...[0, 1, 2].map(() => ['search', searches] as const),
  ['read_passage', readsPassages],
  ['read_page', readsPages],
  ['explain', explains],
] as const;

async function foundPassage(
  backend: AgentBackend,
  query: string,
): Promise<{ id: string; title: string; text: string }> {
  const reply = await backend.search({ query, mode: 'bm25', topK: 1 }, { signal });
  const hit = reply.results[0]?.hits[0];
  if (hit === undefined) throw new Error(`nothing is found for ${query}`);
  return hit;
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
