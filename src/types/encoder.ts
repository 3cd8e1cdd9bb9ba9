import { z } from 'zod';

/**
 * Everything that changes an embedding. It is stored in the index manifest; the server refuses an
 * index whose description differs from the encoder it has.
 */
export const encoderDescriptionSchema = z.strictObject({
  /** Hub id, folder name or served model name. */
  name: z.string().min(1),
  /** SHA-256 of the weights file, or of the probe embeddings where the weights are remote. */
  weightsHash: z.string().min(1),
  dtype: z.enum(['fp32', 'fp16', 'q8', 'remote']),
  pooling: z.enum(['mean', 'cls']),
  normalize: z.boolean(),
  /** Length of a vector. */
  dimension: z.int().min(1),
  queryPrefix: z.string(),
  passagePrefix: z.string(),
  /** Between a passage's title and its text. */
  titleSeparator: z.string(),
  /** The title stands in double quotes, as in the published vectors of wiki-18; absent where not. */
  quotedTitles: z.literal(true).optional(),
  queryMaxTokens: z.int().min(1),
  passageMaxTokens: z.int().min(1),
});
export type EncoderDescription = z.infer<typeof encoderDescriptionSchema>;

/** Where an encoder comes from: what is needed to open the same one again. */
export const encoderSourceSchema = z.strictObject({
  model: z.string().min(1),
  url: z.string().optional(),
  dtype: z.enum(['fp32', 'fp16', 'q8']),
  quotedTitles: z.literal(true).optional(),
});
export type EncoderSource = z.infer<typeof encoderSourceSchema>;

/** Vectors of a batch, row after row: vector i is `vectors_N_D.subarray(i * D, (i + 1) * D)`. */
export interface Embeddings {
  readonly vectors_N_D: Float32Array;
  readonly dimension: number;
  /** Per text: whether it was cut at the token limit. */
  readonly truncated_N: readonly boolean[];
}

/**
 * Text to vectors. A text's vector does not depend on the texts beside it. An empty batch gives an
 * empty array. Safe to call concurrently.
 */
export interface Encoder {
  readonly description: EncoderDescription;
  encodeQueries(queries: readonly string[], signal?: AbortSignal): Promise<Embeddings>;
  encodePassages(
    passages: readonly { readonly title: string; readonly text: string }[],
    signal?: AbortSignal,
  ): Promise<Embeddings>;
  close(): Promise<void>;
}
