import { z } from 'zod';

import { webAccess } from './web-access.ts';

/**
 * `ssp encoder serve`: an embeddings server. Each key goes on to the server under the same name in
 * snake_case; services/encoder/ssp_encoder/settings.py has no defaults of its own.
 */
export const encoderServerConfig = z.strictObject({
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Encoder folder with PyTorch weights (safetensors or pytorch_model.bin)')
    .meta({ needed: '`ssp encoder serve` needs it' }),
  name: z
    .string()
    .min(1)
    .optional()
    .describe("Name under which it is asked, --encoder-model (default: the folder's own)"),
  dtype: z
    .enum(['auto', 'fp32', 'fp16', 'bf16'])
    .default('auto')
    .describe('Numbers of the weights; auto is fp16 on cuda and fp32 on cpu'),
  device: z.enum(['auto', 'cuda', 'cpu']).default('auto').describe('auto takes cuda where it is'),
  threads: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe('Threads of PyTorch on the CPU; 0 leaves its own choice'),
  batchTokens: z
    .int()
    .min(64)
    .max(10_000_000)
    .default(16_384)
    .describe('Token budget of one forward pass, padding included'),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: z.int().min(0).max(65_535).default(8002).describe('Port; 0 takes a free one'),
  ...webAccess,
  maxWaiting: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(8192)
    .describe('Texts that may wait; requests beyond are answered 429'),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(1_000_000_000)
    .default(16_777_216)
    .describe('Bytes of a request body'),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(256)
    .describe('Open connections; requests over further ones are answered 503'),
  requestTimeoutSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(60)
    .describe('Time for a request to arrive whole'),
  shutdownSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe('Time that a stopping server gives the requests it has taken'),
});
export type EncoderServerConfig = z.output<typeof encoderServerConfig>;
