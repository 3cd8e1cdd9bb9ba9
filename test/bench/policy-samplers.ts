import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import type { Choice, CompletionRequest } from '../../src/clients/policy/policy-calls.ts';
import { PolicyClient } from '../../src/clients/policy/policy-client.ts';
import { createLimiter } from '../../src/concurrency/limits.ts';
import { servePolicy } from '../material/policy/served-policy.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { startPolicyProgram } from './policy-python.ts';
import { mixedRequests } from './policy-requests.ts';
import { workshopPath } from './workshop.ts';

/** One run of a list of requests. */
interface Run {
  readonly seconds: number;
  readonly tokens: number;
}

/** A program that samples. */
export interface Sampler {
  readonly name: string;
  /** Processor seconds it has used so far. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

/** The policy service through HTTP. */
export interface ServedSampler extends Sampler {
  run(
    requests: readonly CompletionRequest[],
    inFlight: number,
  ): Promise<Run & { readonly choices: readonly Choice[] }>;
}

/** Transformers' continuous batching in its own process; it is told how many tokens to sample. */
export interface TransformersSampler extends Sampler {
  run(
    requests: readonly CompletionRequest[],
    maxTokens: readonly number[],
    inFlight: number,
  ): Promise<Run>;
}

/** Starts the service on the CPU; `run` asks it through its own client. */
export async function servedSampler(
  name: string,
  model: string,
  flags: readonly string[],
): Promise<ServedSampler> {
  const folder = await workshopPath('policy');
  const service = await servePolicy(folder, model, ['--full', '--no-reference', ...flags]);
  const client = new PolicyClient({ url: service.url });
  const ask = async (requests: readonly CompletionRequest[], inFlight: number) => {
    const limiter = createLimiter(inFlight);
    const replies = requests.map((request) => limiter(() => client.complete(request)));
    return (await Promise.all(replies)).flatMap(({ choices }) => choices);
  };
  await ask(mixedRequests(8, 99), 8); // warms up
  return {
    name,
    cpuSeconds: () => cpuSecondsOf(service.process.pid ?? 0),
    async run(requests, inFlight) {
      const started = performance.now();
      const choices = await ask(requests, inFlight);
      const seconds = (performance.now() - started) / 1000;
      const tokens = choices.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
      return { seconds, tokens, choices };
    },
    async close() {
      await client.close();
      if ((await service.stop()) !== 0) throw new Error(`${name} did not end well`);
    },
  };
}

const replySchema = z.object({ seconds: z.number(), tokens: z.int() });

export async function transformersSampler(
  model: string,
  threads: number,
): Promise<TransformersSampler> {
  const child = await startPolicyProgram('transformers_batching', [model, String(threads)]);
  if (child.stdin === null || child.stdout === null) throw new Error('no pipes');
  const { stdin } = child;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('transformers ended');
    return value;
  };
  await nextLine();
  return {
    name: 'transformers, fp32',
    cpuSeconds: () => cpuSecondsOf(child.pid ?? 0),
    async run(requests, maxTokens, inFlight) {
      const prompts = requests.map(({ prompt }) => prompt);
      stdin.write(`${JSON.stringify({ prompts, maxTokens, inFlight })}\n`);
      return replySchema.parse(JSON.parse(await nextLine()));
    },
    async close() {
      stdin.end();
      await once(child, 'exit');
    },
  };
}
