// Ways to ask a running search service, and the rate of its answers.
import { Agent, request } from 'node:http';

import type { QueryRate } from './query-rate.ts';
import { measureQueries } from './query-rate.ts';

/** So many requests, so many of them at once, so many queries in each. */
export interface Way {
  readonly name: string;
  readonly clients: number;
  readonly requests: number;
  readonly queries: number;
}

/** Asks `/retrieve` of the service for three passages a query; throws where a reply is not 200. */
export async function rateOf(
  url: string,
  { clients, requests, queries }: Way,
  questions: readonly string[],
): Promise<QueryRate> {
  const bodies = Array.from({ length: requests }, (_, i) => {
    const asked = Array.from(
      { length: queries },
      (_, j) => questions[(i * queries + j) % questions.length],
    );
    return JSON.stringify({ queries: asked, topk: 3, return_scores: true });
  });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const { rate } = await measureQueries(bodies, clients, (body) => retrieve(agent, url, body));
  agent.destroy();
  return { ...rate, queriesPerSecond: rate.queriesPerSecond * queries };
}

/** The length of the reply. */
function retrieve(agent: Agent, url: string, body: string): Promise<number> {
  return new Promise((done, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const outgoing = request(`${url}/retrieve`, { agent, method: 'POST', headers }, (reply) => {
      let bytes = 0;
      reply.on('data', (chunk: Buffer) => (bytes += chunk.length));
      reply.on('error', reject);
      reply.on('end', () => {
        if (reply.statusCode === 200) done(bytes);
        else reject(new Error(`/retrieve answered ${reply.statusCode ?? 0}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
