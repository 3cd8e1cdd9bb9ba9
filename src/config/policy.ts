import { z } from 'zod';

import { webAccess } from './web-access.ts';

/**
 * `ssp policy`: the policy service. Each key but `model` goes on to the service under the same
 * name in snake_case; services/policy/ssp_policy/settings.py has no defaults of its own.
 */
export const policyConfig = z.strictObject({
  model: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A model folder (safetensors), a run or checkpoint, or a hub id such as Qwen/Qwen2.5-0.5B-Instruct',
    )
    .meta({ needed: '`ssp train` and `ssp policy` need it' }),
  adapter: z
    .string()
    .min(1)
    .optional()
    .describe('A LoRA adapter of PEFT to begin with, on top of the model; its rank counts'),
  full: z.boolean().default(false).describe('Train all parameters instead of a LoRA adapter'),
  loraRank: z
    .int()
    .min(1)
    .max(1024)
    .default(32)
    .describe('Rank of the LoRA adapter, on every linear layer; alpha is twice the rank'),
  dtype: z
    .enum(['auto', 'bf16', 'fp32'])
    .default('auto')
    .describe('Numbers of the weights; auto is bf16 on cuda and fp32 on cpu'),
  device: z.enum(['auto', 'cuda', 'cpu']).default('auto').describe('auto takes cuda where it is'),
  threads: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe('Threads of PyTorch on the CPU; 0 leaves its own choice'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe("The adapter's first weights, and the sampling of requests that bring no seed"),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: z.int().min(0).max(65_535).default(8001).describe('Port; 0 takes a free one'),
  ...webAccess,
  checkpoints: z
    .string()
    .min(1)
    .default('policy-checkpoints')
    .describe('Folder of the checkpoints that are saved and loaded by name'),
  reference: z
    .boolean()
    .default(true)
    .describe('Keep the first weights as the model "reference"; in full training that is a copy')
    .meta({ off: 'Keep no first weights, so there is no model "reference" (nor a KL to it)' }),
  snapshotDevice: z
    .enum(['same', 'cpu'])
    .default('same')
    .describe('Where the reference and the snapshots are kept'),
  optimizerDevice: z
    .enum(['same', 'cpu'])
    .default('same')
    .describe('Where fp32 master weights and moments are kept'),
  gradientCheckpointing: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      'Compute activations twice instead of keeping them; auto is on on cuda, and where a CPU is short of memory',
    ),
  microBatchTokens: z
    .int()
    .min(16)
    .max(10_000_000)
    .optional()
    .describe(
      'Tokens of one forward pass of training and scoring, padding included (default: what fits, 16384 at most)',
    ),
  logitChunk: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1024)
    .describe('Positions whose logits over the whole vocabulary exist at one time'),
  exactSampling: z
    .boolean()
    .default(false)
    .describe("Sample in fp64: a request's tokens then depend on nothing else in flight"),
  maxRunning: z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .describe('Requests that are sampled at the same time'),
  maxWaiting: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(4096)
    .describe('Requests that may wait; more are answered 429'),
  prefillTokens: z
    .int()
    .min(16)
    .max(1_000_000)
    .default(4096)
    .describe('Prompt tokens that one batch takes beside the running requests'),
  kvCacheGb: z
    .number()
    .min(0.001)
    .max(10_000)
    .optional()
    .describe('Memory for keys and values of sampling (default: from what is free)'),
  maxSequenceTokens: z
    .int()
    .min(2)
    .max(10_000_000)
    .optional()
    .describe("Tokens of the longest sequence (default: the model's context)"),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(4_000_000_000)
    .default(268_435_456)
    .describe('Bytes of a request body'),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(8192)
    .describe('Open connections; requests over further ones are answered 503'),
  requestTimeoutSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(120)
    .describe('Time for a request to arrive whole'),
  shutdownSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe('Time that a stopping service gives the requests it has taken'),
});
export type PolicyConfig = z.output<typeof policyConfig>;
