/** What is sampled, and how. Ids are the model's own; probabilities are in 0..1. */
export interface CompletionRequest {
  /** `policy` (default, the live weights), `reference` or a snapshot's name. */
  readonly model?: string;
  readonly prompt: readonly number[];
  /** Completions of the same prompt, 1..128; default 1. */
  readonly n?: number;
  readonly maxTokens: number;
  /** 0 is greedy; default 1. */
  readonly temperature?: number;
  readonly topP?: number;
  /** The best so many tokens only; 0 is off. */
  readonly topK?: number;
  /** Texts that end the completion; the tokens that complete one are part of it. */
  readonly stop?: readonly string[];
  readonly stopTokenIds?: readonly number[];
  readonly minTokens?: number;
  readonly ignoreEos?: boolean;
  /** The same request with the same seed gives the same tokens. */
  readonly seed?: number;
}

/** One continuation: the very tokens that were sampled. */
export interface Choice {
  readonly tokenIds: readonly number[];
  /** Of each token, by the distribution it was drawn from. */
  readonly logProbs: readonly number[];
  readonly text: string;
  /** `length`: the limit of tokens was reached. */
  readonly finishReason: 'stop' | 'length';
  /** The stop text or token id that ended it; undefined for the model's own end. */
  readonly stopReason: string | number | undefined;
}

export interface Completion {
  readonly choices: readonly Choice[];
  readonly promptTokens: number;
  /** Prompt tokens whose keys and values were still in the service's cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** These three are undefined where another program than ours replied. */
  readonly weightsVersion: string | undefined;
  readonly queueMs: number | undefined;
  readonly samplingMs: number | undefined;
}

/** Sequences to score: B sequences of T_b tokens. */
export interface ScoringRequest {
  readonly model?: string;
  readonly sequences: readonly (readonly number[])[];
  /** What the sampler gave for the tokens, NaN where a token was not sampled; for the gap. */
  readonly sampled?: readonly (readonly number[])[];
  /** [B][T_b]: the tokens that are wanted, the others get NaN; default all. */
  readonly masks?: readonly (readonly boolean[])[];
  /** The one that the tokens were sampled at; default 1. */
  readonly temperature?: number;
  readonly entropy?: boolean;
}

export interface Scores {
  /** [B][T_b]; NaN for the first token of a sequence, and where none was wanted. */
  readonly logProbs: readonly (readonly number[])[];
  /** [B][T_b] in nats where asked for, else empty. */
  readonly entropies: readonly (readonly number[])[];
  readonly weightsVersion: string;
  /** Absolute difference to `sampled`. */
  readonly samplerGap:
    { readonly mean: number; readonly max: number; readonly tokens: number } | undefined;
}

/** T tokens with a weight each; the first weight is 0, for nothing comes before it. */
export interface WeightedSequence {
  readonly tokens: readonly number[];
  readonly weights: readonly number[];
}

export interface Backward {
  /** Tokens with a weight other than 0. */
  readonly trainedTokens: number;
  /** The sum over tokens of weight x log-probability. */
  readonly sum: number;
  readonly weightsVersion: string;
  /** [B][T_b] where asked for, else empty; NaN for a token without a weight. */
  readonly logProbs: readonly (readonly number[])[];
  /** The same in nats. */
  readonly entropies: readonly (readonly number[])[];
}

export interface BackwardOptions {
  /** The one that the tokens were sampled at; default 1. */
  readonly temperature?: number;
  /** Score the tokens that have a weight too, in the same pass. */
  readonly scores?: boolean;
  readonly signal?: AbortSignal;
}

/** AdamW (Loshchilov and Hutter 2019), every parameter the caller's: schedules are not hidden. */
export interface AdamWStep {
  readonly lr: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  /** The gradient is scaled down to this norm where it is longer. */
  readonly maxGradNorm?: number;
}

export interface StepResult {
  /** Before clipping. */
  readonly gradNorm: number;
  readonly isClipped: boolean;
  readonly weightsVersion: string;
  /** Steps since the weights were first loaded, this one included. */
  readonly step: number;
}

export interface Checkpoint {
  readonly path: string;
  readonly bytes: number;
  readonly manifestHash: string;
}

export interface LoadOptions {
  /** The `manifestHash` of the checkpoint that is meant: another one of its name is refused. */
  readonly hash?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was loaded; undefined where the service is of an earlier version. */
export interface LoadedCheckpoint {
  readonly weightsVersion: string | undefined;
  readonly manifestHash: string | undefined;
}

/** A service that is still loading its model; `progress` in 0..1. */
export interface Loading {
  readonly state: string;
  readonly progress: number;
}
