// How many tokens a second does the policy service sample on a CPU, one request at a time and 500
// at once, beside transformers' own continuous batching?
import { join } from 'node:path';

import { z } from 'zod';

import { openTokenizer } from '../../src/chat/tokenizer.ts';
import type { Choice, CompletionRequest } from '../../src/clients/policy/policy-calls.ts';
import { readJsonFile } from '../../src/storage/json-files.ts';
import { smallModel } from './policy-python.ts';
import { faultOf, mixedRequests } from './policy-requests.ts';
import type { Sampler } from './policy-samplers.ts';
import { servedSampler, transformersSampler } from './policy-samplers.ts';
import { percentile } from './ranking-metrics.ts';
import { printTable, recordFigures } from './record.ts';

const threads = Number(process.env['SSP_BENCH_THREADS'] ?? 1);
const rounds = Number(process.env['SSP_BENCH_ROUNDS'] ?? 3);
/** Requests in flight, and how many are sampled in all. */
const loads = [
  { inFlight: 1, requests: 16 },
  { inFlight: 32, requests: 128 },
  { inFlight: 128, requests: 256 },
  { inFlight: 500, requests: 500 },
];

/** Tokens a second, by the clock and by the processor time of the sampling program. */
interface Rate {
  readonly sampler: string;
  readonly inFlight: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

type Per = 'perSecond' | 'perCpuSecond';

const model = await smallModel();
const tokenizer = await openTokenizer(model);
const config = z.looseObject({ eos_token_id: z.int() });
const configPath = join(model, 'config.json');
const { eos_token_id: endTokenId } = await readJsonFile(configPath, 'configuration', config);

const flags = ['--threads', String(threads)];
const fp32 = await servedSampler('ssp, fp32', model, flags);
const exact = await servedSampler('ssp, fp64 (--exact-sampling)', model, [
  ...flags,
  '--exact-sampling',
]);
const peer = await transformersSampler(model, threads);
const samplers = [fp32, exact, peer];
const rates: Rate[] = [];
const faults: string[] = [];
let [completed, compared, alike] = [0, 0, 0];

for (let round = 0; round < rounds; round += 1) {
  for (const { inFlight, requests } of loads) {
    // New prompts each time, so that nothing is found in the prefix cache.
    const asked = mixedRequests(requests, 1000 * round + inFlight);
    let choices: readonly Choice[] = [];
    for (const sampler of [fp32, exact]) {
      ({ choices } = await measured(sampler, inFlight, () => sampler.run(asked, inFlight)));
      check(asked, choices, sampler.name);
    }
    if (round === 0) {
      // Once: at 500 it takes longer than all the rest together.
      const maxTokens = choices.map(({ tokenIds }) => tokenIds.length);
      await measured(peer, inFlight, () => peer.run(asked, maxTokens, inFlight));
    }
    if (inFlight === 500) await compareAlone(asked.slice(0, 24), choices);
  }
}
for (const sampler of samplers) await sampler.close();

printTable(
  samplers.flatMap(({ name }) =>
    loads.map(({ inFlight }) => ({
      sampler: name,
      'in flight': inFlight,
      'tokens/s': rateOf(name, inFlight, 'perSecond'),
      'tokens/CPU s': rateOf(name, inFlight, 'perCpuSecond'),
    })),
  ),
);
for (const fault of faults.slice(0, 5)) process.stdout.write(`${fault}\n`);
await recordFigures(
  import.meta.url,
  [
    {
      measure: 'completions through HTTP with the right tokens, stops and lengths',
      value: completed - faults.length,
      bar: completed,
    },
    {
      measure: 'fp32: tokens/s of 500 in flight, times one at a time',
      value: gain(fp32, 'perSecond'),
      bar: 5,
    },
    {
      measure: 'fp32: the same in tokens per processor second',
      value: gain(fp32, 'perCpuSecond'),
    },
    {
      measure: 'fp64: tokens/s of 500 in flight, times one at a time',
      value: gain(exact, 'perSecond'),
    },
    {
      measure: 'fp64: share of requests with the same tokens alone as among 500',
      value: alike / compared,
      bar: 1,
    },
    ...loads.map(({ inFlight }) => ({
      measure: `fp32: tokens per processor second of ${inFlight} in flight, times transformers'`,
      value:
        rateOf(fp32.name, inFlight, 'perCpuSecond') / rateOf(peer.name, inFlight, 'perCpuSecond'),
    })),
    ...samplers.flatMap(({ name }) =>
      loads.flatMap(({ inFlight }) => [
        {
          measure: `${name}: tokens/s, ${inFlight} in flight`,
          value: rateOf(name, inFlight, 'perSecond'),
        },
        {
          measure: `${name}: tokens per processor second, ${inFlight} in flight`,
          value: rateOf(name, inFlight, 'perCpuSecond'),
        },
      ]),
    ),
  ],
  {
    model: 'random Qwen3, 0.87 M parameters, 512 ids; prompts of 40..80 tokens, 20..100 new ones',
    ...{ threads, rounds, loads, rates },
  },
);

/** Runs a list of requests and keeps what it took. */
async function measured<Run extends { readonly seconds: number; readonly tokens: number }>(
  sampler: Sampler,
  inFlight: number,
  run: () => Promise<Run>,
): Promise<Run> {
  const cpuBefore = await sampler.cpuSeconds();
  const result = await run();
  const cpuSeconds = (await sampler.cpuSeconds()) - cpuBefore;
  const { tokens, seconds } = result;
  const perSecond = tokens / seconds;
  rates.push({ sampler: sampler.name, inFlight, perSecond, perCpuSecond: tokens / cpuSeconds });
  return result;
}

function check(
  requests: readonly CompletionRequest[],
  choices: readonly Choice[],
  name: string,
): void {
  for (const [i, request] of requests.entries()) {
    completed += 1;
    const fault = faultOf(request, choices[i], tokenizer, endTokenId);
    if (fault !== undefined) faults.push(`${name}, request ${i}: ${fault}`);
  }
}

async function compareAlone(
  requests: readonly CompletionRequest[],
  among: readonly Choice[],
): Promise<void> {
  const { choices } = await exact.run(requests, 1);
  compared += choices.length;
  alike += choices.filter(
    ({ tokenIds }, i) => String(tokenIds) === String(among[i]?.tokenIds),
  ).length;
}

function gain({ name }: Sampler, per: Per): number {
  return rateOf(name, 500, per) / rateOf(name, 1, per);
}

function rateOf(name: string, inFlight: number, per: Per): number {
  const found = rates.filter((rate) => rate.sampler === name && rate.inFlight === inFlight);
  return percentile(
    found.map((rate) => rate[per]),
    0.5,
  );
}
