// How many tokens a second does the policy service sample on a CPU, one request at a time and 500
// at once, beside transformers' own continuous batching?
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { createLimiter } from '../../src/concurrency/limiter.ts';
import type { Choice, CompletionRequest } from '../../src/policy/policy-calls.ts';
import { PolicyClient } from '../../src/policy/policy-client.ts';
import { openTokenizer } from '../../src/policy/tokenizer.ts';
import { readJsonFile } from '../../src/storage/json-file.ts';
import { servePolicy } from '../policy/served-policy.ts';
import { smallModel, startPolicyProgram } from './policy-python.ts';
import { faultOf, mixedRequests } from './policy-requests.ts';
import { percentile } from './ranking-metrics.ts';
import { printTable, recordFigures } from './record.ts';
import { workshopPath } from './workshop.ts';

const threads = Number(process.env['SSP_BENCH_THREADS'] ?? 1);
const rounds = Number(process.env['SSP_BENCH_ROUNDS'] ?? 3);
/** Requests in flight, and how many are sampled in all. */
const loads = [
  { inFlight: 1, requests: 16 },
  { inFlight: 32, requests: 128 },
  { inFlight: 128, requests: 256 },
  { inFlight: 500, requests: 500 },
];

interface Run {
  readonly seconds: number;
  readonly tokens: number;
}

interface Side {
  readonly name: string;
  /** Tokens a second by requests in flight, one for each round. */
  readonly rates: Map<number, number[]>;
  run(requests: readonly CompletionRequest[], inFlight: number): Promise<Run>;
  close(): Promise<void>;
}

const model = await smallModel();
const tokenizer = await openTokenizer(model);
const { eos_token_id: endTokenId } = await readJsonFile(
  join(model, 'config.json'),
  'configuration',
  z.looseObject({ eos_token_id: z.int() }),
);
const faults: string[] = [];
/** How many tokens each request got, by its seed: the peer is asked for as many. */
const lengths = new Map<number, number>();
let [completed, alike, compared] = [0, 0, 0];

const exact = await ours('ssp, exact (fp64)', '--exact-sampling');
const sides: readonly Side[] = [await ours('ssp, fp32'), exact, await peer()];
for (let round = 0; round < rounds; round += 1) {
  for (const { inFlight, requests } of loads) {
    // New prompts each time, so that nothing is found in the prefix cache.
    const asked = mixedRequests(requests, 1000 * round + inFlight);
    for (const side of sides) {
      const { seconds, tokens } = await side.run(asked, inFlight);
      side.rates.set(inFlight, [...(side.rates.get(inFlight) ?? []), tokens / seconds]);
    }
  }
}
for (const side of sides) await side.close();

const rows = sides.map(({ name, rates }) => ({
  engine: name,
  ...Object.fromEntries(
    [...rates].map(([inFlight, rate]) => [`${inFlight} at once`, percentile(rate, 0.5)]),
  ),
}));
printTable(rows);
for (const fault of faults.slice(0, 5)) process.stdout.write(`${fault}\n`);
const [own = exact, , transformers = exact] = sides;
await recordFigures(
  import.meta.url,
  [
    {
      measure: 'completions through HTTP, all right',
      value: completed - faults.length,
      bar: completed,
    },
    {
      measure: 'fp32, 500 in flight beside one at a time (tokens/s)',
      value: rateOf(own, 500) / rateOf(own, 1),
      bar: 5,
    },
    {
      measure: 'exact, 500 in flight beside one at a time (tokens/s)',
      value: rateOf(exact, 500) / rateOf(exact, 1),
    },
    ...loads.map(({ inFlight }) => ({
      measure: `fp32, ${inFlight} in flight, times transformers' continuous batching`,
      value: rateOf(own, inFlight) / rateOf(transformers, inFlight),
    })),
    {
      measure: 'exact: share of requests with the same tokens alone as among 500',
      value: alike / compared,
      bar: 1,
    },
    ...sides.flatMap((side) =>
      loads.map(({ inFlight }) => ({
        measure: `${side.name}: tokens/s, ${inFlight} in flight`,
        value: rateOf(side, inFlight),
      })),
    ),
  ],
  {
    model: 'random Qwen3, 0.87 M parameters, 512 ids',
    ...{ threads, rounds, loads },
    rates: Object.fromEntries(sides.map(({ name, rates }) => [name, Object.fromEntries(rates)])),
  },
);

/** The service, asked through HTTP by its own client; what it answers is checked. */
async function ours(name: string, ...flags: string[]): Promise<Side> {
  const folder = await workshopPath('policy');
  const options = ['--full', '--no-reference', '--threads', String(threads), ...flags];
  const service = await servePolicy(folder, model, options);
  const client = new PolicyClient({ url: service.url });
  await runAll(client, mixedRequests(8, 99), 8);
  return {
    name,
    rates: new Map(),
    async run(requests, inFlight) {
      const started = performance.now();
      const choices = await runAll(client, requests, inFlight);
      const seconds = (performance.now() - started) / 1000;
      for (const [i, request] of requests.entries()) {
        completed += 1;
        const fault = faultOf(request, choices[i], tokenizer, endTokenId);
        if (fault !== undefined) faults.push(`${name}, request ${i}: ${fault}`);
        lengths.set(request.seed ?? 0, choices[i]?.tokenIds.length ?? 0);
      }
      if (flags.length > 0 && inFlight === 500) {
        const alone = await runAll(client, requests.slice(0, 24), 1);
        compared += alone.length;
        alike += alone.filter(({ tokenIds }, i) => isSame(tokenIds, choices[i]?.tokenIds)).length;
      }
      return { seconds, tokens: choices.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0) };
    },
    async close() {
      await client.close();
      if ((await service.stop()) !== 0) throw new Error(`${name} did not end well`);
    },
  };
}

async function runAll(
  client: PolicyClient,
  requests: readonly CompletionRequest[],
  inFlight: number,
): Promise<Choice[]> {
  const limiter = createLimiter(inFlight);
  const replies = requests.map((request) => limiter(() => client.complete(request)));
  return (await Promise.all(replies)).flatMap(({ choices }) => choices);
}

async function peer(): Promise<Side> {
  const child = await startPolicyProgram('transformers_batching', [model, String(threads)]);
  if (child.stdin === null || child.stdout === null) throw new Error('no pipes');
  const { stdin } = child;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const replySchema = z.object({ seconds: z.number(), tokens: z.int() });
  await lines.next();
  return {
    name: 'transformers, fp32',
    rates: new Map(),
    async run(requests, inFlight) {
      const prompts = requests.map(({ prompt }) => prompt);
      const maxTokens = requests.map(({ seed, maxTokens }) => lengths.get(seed ?? 0) ?? maxTokens);
      stdin.write(`${JSON.stringify({ prompts, maxTokens, inFlight })}\n`);
      const { value } = (await lines.next()) as { value: string };
      return replySchema.parse(JSON.parse(value));
    },
    async close() {
      stdin.end();
      await once(child, 'exit');
    },
  };
}

function rateOf(side: Side, inFlight: number): number {
  return percentile(side.rates.get(inFlight) ?? [], 0.5);
}

function isSame(a: readonly number[], b: readonly number[] = []): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
