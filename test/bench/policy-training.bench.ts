// Are the policy service's log-probs and gradients those of plain transformers, and at what speed?
import { z } from 'zod';

import { runPolicyProgram, smallModel } from './policy-python.ts';
import { percentile } from './ranking-metrics.ts';
import type { Figure } from './record.ts';
import { recordFigures } from './record.ts';

const threads = process.env['SSP_BENCH_THREADS'] ?? '1';
const rounds = process.env['SSP_BENCH_ROUNDS'] ?? '5';

const rates = z.array(z.number()).min(1);
const outputSchema = z.object({
  agreement: z.record(
    z.string(),
    z.object({
      logProbs: z.number(),
      gradient: z.number(),
      samplerGap: z.number(),
      widestSamplerGap: z.number(),
    }),
  ),
  speed: z.object({
    sequences: z.int(),
    tokens: z.int(),
    tokensPerSecond: z.object({
      scoring: rates,
      plainScoring: rates,
      training: rates,
      plainTraining: rates,
      groups: rates,
      plainGroups: rates,
    }),
  }),
});

const text = await runPolicyProgram('training', await smallModel(), threads, rounds);
const { agreement, speed } = outputSchema.parse(JSON.parse(text));
const families = Object.entries(agreement);
const { scoring, plainScoring, training, plainTraining, groups, plainGroups } =
  speed.tokensPerSecond;

await recordFigures(
  import.meta.url,
  [
    ...families.map(([family, { logProbs }]) =>
      atMost(`${family}: log-probs, largest difference to plain transformers`, logProbs, 1e-5),
    ),
    ...families.map(([family, { gradient }]) =>
      atMost(`${family}: gradient, relative error to autograd of the whole loss`, gradient, 1e-5),
    ),
    ...families.map(([family, { samplerGap }]) =>
      atMost(`${family}: sampled log-probs, mean difference to the trainer's`, samplerGap, 1e-4),
    ),
    {
      measure: 'scoring, times plain transformers with padding',
      value: percentile(scoring, 0.5) / percentile(plainScoring, 0.5),
    },
    {
      measure: 'backward and step, times plain transformers with padding',
      value: percentile(training, 0.5) / percentile(plainTraining, 0.5),
    },
    {
      measure: 'the same with 9 groups of 8 attempts that share prompts and searches',
      value: percentile(groups, 0.5) / percentile(plainGroups, 0.5),
    },
    { measure: 'scoring, tokens/s', value: percentile(scoring, 0.5) },
    { measure: 'backward and step, tokens/s', value: percentile(training, 0.5) },
  ],
  { threads, rounds, agreement, speed },
);

function atMost(measure: string, value: number, bar: number): Figure {
  return { measure, value, bar, atMost: true };
}
