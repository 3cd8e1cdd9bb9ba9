import type { PreTrainedModel, PreTrainedTokenizer } from '@huggingface/transformers';
import { AutoModel, AutoTokenizer, env, LogLevel, Tensor } from '@huggingface/transformers';

import type { Embeddings } from '../types/encoder.ts';
import type { Pooling } from './pooling.ts';
import { poolTokens } from './pooling.ts';

/** What the model needs to know; plain data, as it crosses to the worker thread. */
export interface OnnxModelSettings extends Pooling {
  /** Absolute path of the model folder. */
  readonly path: string;
  readonly dtype: 'fp32' | 'fp16' | 'q8';
  readonly dimension: number;
  readonly threads: number;
  /** Tokens of one forward pass, padding included. */
  readonly batchTokens: number;
  /** Texts of one forward pass; 1 where the texts of a batch would change each other's vectors. */
  readonly maxBatchTexts: number;
}

/** A loaded tokenizer and model. Works in the thread that loaded it. */
export interface OnnxModel {
  /**
   * Vectors of `texts` in their order, each cut at `maxTokens` tokens (special tokens included).
   * Between forward passes `isCancelled` is asked; once it says so the call gives undefined.
   */
  embed(
    texts: readonly string[],
    maxTokens: number,
    isCancelled: () => boolean,
  ): Promise<Embeddings | undefined>;
  dispose(): Promise<void>;
}

/** Loads the folder's tokenizer and ONNX weights; touches no network. */
export async function loadOnnxModel(settings: OnnxModelSettings): Promise<OnnxModel> {
  env.allowRemoteModels = false;
  // Failures are reported as coded errors; the library's own log would print whole tensors.
  env.logLevel = LogLevel.NONE;
  const options = { local_files_only: true } as const;
  const tokenizer = await AutoTokenizer.from_pretrained(settings.path, options);
  const model = await AutoModel.from_pretrained(settings.path, {
    ...options,
    dtype: settings.dtype,
    device: 'cpu',
    session_options: { intraOpNumThreads: settings.threads, graphOptimizationLevel: 'all' },
  });
  return {
    embed: (texts, maxTokens, isCancelled) =>
      embed({ tokenizer, model, settings }, texts, maxTokens, isCancelled),
    async dispose() {
      await model.dispose();
    },
  };
}

interface Loaded {
  readonly tokenizer: PreTrainedTokenizer;
  readonly model: PreTrainedModel;
  readonly settings: OnnxModelSettings;
}

async function embed(
  loaded: Loaded,
  texts: readonly string[],
  maxTokens: number,
  isCancelled: () => boolean,
): Promise<Embeddings | undefined> {
  const { dimension, batchTokens, maxBatchTexts } = loaded.settings;
  const tokens_N = texts.map((text) => tokenize(loaded.tokenizer, text, maxTokens));
  const vectors_N_D = new Float32Array(texts.length * dimension);
  const lengths = tokens_N.map(({ ids }) => ids.length);
  for (const rows of planBatches(lengths, batchTokens, maxBatchTexts)) {
    if (isCancelled()) return undefined;
    const batch = rows.map((row) => tokens_N[row]?.ids ?? []);
    const vectors = await forward(loaded, batch);
    rows.forEach((row, i) => {
      vectors_N_D.set(vectors[i] ?? [], row * dimension);
    });
  }
  return { vectors_N_D, dimension, truncated_N: tokens_N.map(({ isCut }) => isCut) };
}

/** Token ids with the special tokens around them; a cut text keeps its closing special token. */
function tokenize(
  tokenizer: PreTrainedTokenizer,
  text: string,
  maxTokens: number,
): { ids: number[]; isCut: boolean } {
  const ids = tokenizer.encode(text);
  if (ids.length <= maxTokens) return { ids, isCut: false };
  return { ids: [...ids.slice(0, maxTokens - 1), ...ids.slice(-1)], isCut: true };
}

async function forward(
  { tokenizer, model, settings }: Loaded,
  batch: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const longest = Math.max(...batch.map((ids) => ids.length));
  const shape = [batch.length, longest];
  const ids_N_T = new BigInt64Array(batch.length * longest).fill(BigInt(tokenizer.pad_token_id));
  const mask_N_T = new BigInt64Array(batch.length * longest);
  batch.forEach((ids, row) => {
    ids.forEach((id, i) => (ids_N_T[row * longest + i] = BigInt(id)));
    mask_N_T.fill(1n, row * longest, row * longest + ids.length);
  });
  const output = (await model({
    input_ids: new Tensor('int64', ids_N_T, shape),
    attention_mask: new Tensor('int64', mask_N_T, shape),
  })) as Record<string, Tensor | undefined>;
  const hidden = output['last_hidden_state'] ?? output['token_embeddings'];
  if (hidden === undefined) throw new Error(`it has no output last_hidden_state`);
  const hidden_N_T_D = hidden.to('float32').data as Float32Array;
  return batch.map((ids, row) => {
    const start = row * longest * settings.dimension;
    const end = start + ids.length * settings.dimension;
    return poolTokens(hidden_N_T_D.subarray(start, end), settings.dimension, settings);
  });
}

/**
 * Groups texts of similar length into forward passes, longest first, so that little is padded.
 * A batch of n texts of at most T tokens costs n x T of `tokenBudget`; a text longer than the
 * budget goes alone. Gives row numbers; every row occurs exactly once. No lengths, no batches.
 */
export function planBatches(
  lengths: readonly number[],
  tokenBudget: number,
  maxTexts = Infinity,
): number[][] {
  const rows = lengths.map((_, row) => row);
  rows.sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const batches: number[][] = [];
  for (let start = 0; start < rows.length;) {
    const longest = lengths[rows[start] ?? 0] ?? 0;
    const fitting = Math.floor(tokenBudget / Math.max(longest, 1));
    const end = start + Math.min(Math.max(fitting, 1), maxTexts);
    batches.push(rows.slice(start, end));
    start = end;
  }
  return batches;
}
