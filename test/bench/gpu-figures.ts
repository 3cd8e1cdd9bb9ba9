import { z } from 'zod';

import type { Figure } from './record.ts';

const failed = z.object({ error: z.string() });
const named = { shape: z.string() };
const samplingNames = { ...named, requests: z.int() };
const trainingNames = { ...named, trained: z.enum(['full', 'lora']), length: z.int() };
const number = z.number();

const samplingRow = z.object({
  ...samplingNames,
  ...{ promptTokens: z.int(), newTokens: z.int(), tokensPerSecond: number },
  ...{ decodeTokensPerSecond: number, shareOfBandwidth: number, prefillTokensPerSecond: number },
  ...{ decodeStepMs: number, boundStepMs: number, peakBytes: number },
  ...{ samplerGap: number, widestSamplerGap: number },
});
const trainingRow = z.object({
  ...trainingNames,
  ...{ optimizer: z.string(), tokens: z.int(), tokensPerSecond: number, mfu: number },
  ...{ backwardSeconds: number, stepSeconds: number, scoringTokensPerSecond: number },
  peakBytes: number,
});

/** What services/policy/benchmarks/gpu.py writes. */
export const gpuResultSchema = z.looseObject({
  date: z.string(),
  command: z.string(),
  device: z.string(),
  torch: z.string(),
  transformers: z.string(),
  bandwidth: number,
  peakFlops: number,
  sampling: z.array(z.union([samplingRow, failed.extend(samplingNames)])),
  training: z.array(z.union([trainingRow, failed.extend(trainingNames)])),
  /** Where the time goes; for whoever makes it faster, not for the document. */
  profiles: z.array(z.looseObject({ ...named, busyMs: number.optional() })),
});
type GpuResult = z.output<typeof gpuResultSchema>;

/** The rows of the document. The goals are those of the largest model, the design point. */
export function gpuFigures({ device, torch, sampling, training, ...result }: GpuResult): Figure[] {
  const machine = `${device}, PyTorch ${torch}, ${result.date.slice(0, 10)}`;
  return [
    { measure: 'measured on', value: machine },
    { measure: 'at most: memory bandwidth, TB/s', value: result.bandwidth / 1e12 },
    { measure: 'at most: bf16 arithmetic, TFLOP/s', value: result.peakFlops / 1e12 },
    ...sampling.flatMap(samplingFigures),
    ...training.flatMap(trainingFigures),
  ];
}

function samplingFigures(row: GpuResult['sampling'][number]): Figure[] {
  const name = `${row.shape}, ${row.requests} at once`;
  if ('error' in row) return [{ measure: `${name}: failed`, value: row.error }];
  const isGoal = row.shape === '7B' && row.requests === 256;
  return [
    {
      measure: `${name}: tokens/s (prompts of ${row.promptTokens}, ${row.newTokens} new)`,
      value: row.tokensPerSecond,
    },
    { measure: `${name}: tokens/s once all prompts are read`, value: row.decodeTokensPerSecond },
    {
      measure: `${name}: share of what memory bandwidth allows`,
      value: row.shareOfBandwidth,
      ...(isGoal ? { bar: 0.5 } : {}),
    },
    { measure: `${name}: sampled log-probs to the trainer's, mean`, value: row.samplerGap },
    { measure: `${name}: peak memory, GB`, value: row.peakBytes / 1e9 },
  ];
}

function trainingFigures(row: GpuResult['training'][number]): Figure[] {
  const what = row.trained === 'full' ? 'all parameters' : 'LoRA';
  const name = `${row.shape}, ${what}, sequences of ${row.length}`;
  if ('error' in row) return [{ measure: `${name}: failed`, value: row.error }];
  const isGoal = row.shape === '7B' && row.trained === 'full';
  return [
    { measure: `${name}: backward, tokens/s`, value: row.tokensPerSecond },
    { measure: `${name}: backward, MFU`, value: row.mfu, ...(isGoal ? { bar: 0.4 } : {}) },
    { measure: `${name}: step, s (optimizer: ${row.optimizer})`, value: row.stepSeconds },
    { measure: `${name}: scoring, tokens/s`, value: row.scoringTokensPerSecond },
    { measure: `${name}: peak memory, GB`, value: row.peakBytes / 1e9 },
  ];
}
