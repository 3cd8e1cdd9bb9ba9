import { randomUUID } from 'node:crypto';

import type { z } from 'zod';

import { pause } from '../../concurrency/pause.ts';
import { isSspError } from '../../errors/error.ts';
import type {
  AdamWStep,
  Backward,
  BackwardOptions,
  Checkpoint,
  Completion,
  CompletionRequest,
  LoadedCheckpoint,
  Loading,
  LoadOptions,
  Scores,
  ScoringRequest,
  StepResult,
  WeightedSequence,
} from './policy-calls.ts';
import type { PolicyServiceOptions } from './transport.ts';
import { PolicyTransport } from './transport.ts';
import * as wire from './wire.ts';
import { completionBody, readCompletion } from './wire.ts';

const pollMs = 250;
const defaults = { sampleTimeoutMs: 30 * 60_000, trainTimeoutMs: 60 * 60_000 };

/**
 * A caller of one policy service (docs/policy-service.md). Every call takes a signal and throws the
 * SSP_POLICY_ errors. A lost reply is asked for again where a repeat is harmless: sampling and
 * scoring have no effect, `backward` and `step` carry a key under which the service applies them
 * once. `snapshot` and `save` are not repeated.
 */
export class PolicyClient {
  readonly #transport: PolicyTransport;
  readonly #sampleTimeoutMs: number;
  readonly #trainTimeoutMs: number;

  constructor(options: PolicyServiceOptions) {
    this.#transport = new PolicyTransport(options);
    this.#sampleTimeoutMs = options.sampleTimeoutMs ?? defaults.sampleTimeoutMs;
    this.#trainTimeoutMs = options.trainTimeoutMs ?? defaults.trainTimeoutMs;
  }

  /** Samples `n` continuations (default 1) of token ids. */
  async complete(request: CompletionRequest, signal?: AbortSignal): Promise<Completion> {
    const reply = await this.#transport.call({
      path: '/v1/completions',
      body: completionBody(request),
      reply: wire.completionReply,
      timeoutMs: this.#sampleTimeoutMs,
      isRepeatable: true,
      signal,
    });
    return readCompletion(reply);
  }

  /** Names that can be sampled from and scored by: `policy`, `reference`, the snapshots. */
  async models(signal?: AbortSignal): Promise<string[]> {
    const reply = await this.#get('/v1/models', wire.modelsReply, signal);
    return reply.data.map(({ id }) => id);
  }

  /** What the service says of its model: architecture, parameters, context length and more. */
  facts(signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    return this.#get('/v1/facts', wire.anyReply, signal);
  }

  /** Resolves once the model is loaded; `onWait` hears the state while it is not. */
  async ready(onWait: (loading: Loading) => void, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const health = await this.#health(signal);
      if (health.ready) return;
      onWait({ state: health.state, progress: health.progress ?? 0 });
      await pause(pollMs, signal);
    }
  }

  /**
   * The log-probability of each token given those before it, and the entropy there where asked for.
   * The first token of a sequence has none: NaN.
   */
  async logProbs(request: ScoringRequest, signal?: AbortSignal): Promise<Scores> {
    const { model, sequences, sampled, masks, temperature, entropy } = request;
    const reply = await this.#train(
      '/v1/training/logprobs',
      wire.logProbsReply,
      {
        model,
        sequences: sequences.map((tokens, i) => ({
          tokens,
          sampled_logprobs: sampled === undefined ? undefined : nulls(sampled[i] ?? []),
          mask: masks?.[i],
        })),
        temperature,
        entropy,
      },
      signal,
    );
    return {
      ...scoresOf(reply.results),
      weightsVersion: reply.weights_version,
      samplerGap: reply.sampler_gap ?? undefined,
    };
  }

  /**
   * Adds to the gradient that of the sum over tokens of weight x log-probability. A token's weight
   * is the derivative of the loss by its log-probability; `step` goes down along it.
   */
  async backward(
    sequences: readonly WeightedSequence[],
    { temperature, scores, signal }: BackwardOptions = {},
  ): Promise<Backward> {
    const reply = await this.#train(
      '/v1/training/backward',
      wire.backwardReply,
      {
        sequences,
        temperature,
        scores,
        idempotency_key: randomUUID(),
      },
      signal,
    );
    const { trained_tokens: trainedTokens, sum, weights_version: weightsVersion } = reply;
    return { trainedTokens, sum, weightsVersion, ...scoresOf(reply.results ?? []) };
  }

  /** One AdamW step along the accumulated gradient, which is then zero. */
  async step(settings: AdamWStep, signal?: AbortSignal): Promise<StepResult> {
    const { lr, betas, eps, weightDecay, maxGradNorm } = settings;
    const reply = await this.#train(
      '/v1/training/step',
      wire.stepReply,
      {
        lr,
        betas,
        eps,
        weight_decay: weightDecay,
        max_grad_norm: maxGradNorm,
        idempotency_key: randomUUID(),
      },
      signal,
    );
    const { grad_norm: gradNorm, clipped: isClipped, weights_version: weightsVersion } = reply;
    return { gradNorm, isClipped, weightsVersion, step: reply.step };
  }

  /** Drops the accumulated gradient. */
  async zero(signal?: AbortSignal): Promise<void> {
    await this.#train('/v1/training/zero', wire.anyReply, {}, signal);
  }

  /** Keeps the weights of `from` (default the live ones) under a name, for good. */
  async snapshot(
    name: string,
    from?: string | { readonly checkpoint: string },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#once('/v1/training/snapshots', wire.anyReply, { name, from }, signal);
  }

  async dropSnapshot(name: string, signal?: AbortSignal): Promise<void> {
    await this.#transport.call({
      method: 'DELETE',
      path: `/v1/training/snapshots/${encodeURIComponent(name)}`,
      reply: wire.anyReply,
      timeoutMs: this.#trainTimeoutMs,
      isRepeatable: false,
      signal,
    });
  }

  /** Writes weights, optimizer and random state as the checkpoint `name`. */
  async save(
    name: string,
    options: { readonly merged?: boolean; readonly overwrite?: boolean } = {},
    signal?: AbortSignal,
  ): Promise<Checkpoint> {
    const body = { name, ...options };
    const reply = await this.#once('/v1/training/save', wire.saveReply, body, signal);
    return { path: reply.path, bytes: reply.bytes, manifestHash: reply.manifest_sha256 };
  }

  /**
   * Goes back to the checkpoint `name`: weights, optimizer and random state. With `hash` another
   * checkpoint of this name is refused (SSP_POLICY_CHECKPOINT_DIFFERS) and nothing has changed. Instead
   * of options a signal may be given alone.
   */
  async load(name: string, options: LoadOptions | AbortSignal = {}): Promise<LoadedCheckpoint> {
    const { hash, signal } = options instanceof AbortSignal ? { signal: options } : options;
    const body = { name, manifest_sha256: hash };
    const reply = await this.#train('/v1/training/load', wire.loadReply, body, signal);
    return { weightsVersion: reply.weights_version, manifestHash: reply.manifest_sha256 };
  }

  /** Lets calls under way finish, then closes the connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #health(signal?: AbortSignal): Promise<z.output<typeof wire.healthReply>> {
    try {
      return await this.#get('/healthz', wire.healthReply, signal);
    } catch (error) {
      // A service of an earlier version, whose only name for it is this one.
      if (!isSspError(error, 'SSP_POLICY_REFUSED') || error.details['status'] !== 404) throw error;
      return this.#get('/health', wire.healthReply, signal);
    }
  }

  #get<Schema extends z.ZodType>(path: string, reply: Schema, signal?: AbortSignal) {
    const call = { method: 'GET', path, reply, timeoutMs: 30_000, isRepeatable: true } as const;
    return this.#transport.call({ ...call, signal });
  }

  /** A call that may be sent again: it has no effect, or is applied once, or ends the same. */
  #train<Schema extends z.ZodType>(
    path: string,
    reply: Schema,
    body: object,
    signal?: AbortSignal,
  ): Promise<z.output<Schema>> {
    const timeoutMs = this.#trainTimeoutMs;
    return this.#transport.call({ path, reply, body, timeoutMs, isRepeatable: true, signal });
  }

  /** A call that is sent once. */
  #once<Schema extends z.ZodType>(
    path: string,
    reply: Schema,
    body: object,
    signal?: AbortSignal,
  ): Promise<z.output<Schema>> {
    const timeoutMs = this.#trainTimeoutMs;
    return this.#transport.call({ path, reply, body, timeoutMs, isRepeatable: false, signal });
  }
}

function scoresOf(
  results: readonly {
    readonly logprobs: readonly (number | null)[];
    readonly entropy?: readonly (number | null)[] | null | undefined;
  }[],
): Pick<Scores, 'logProbs' | 'entropies'> {
  return {
    logProbs: results.map(({ logprobs }) => numbers(logprobs)),
    entropies: results.map(({ entropy }) => numbers(entropy ?? [])),
  };
}

function numbers(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? Number.NaN);
}

/** NaN has no JSON; it travels as null. */
function nulls(values: readonly number[]): (number | null)[] {
  return values.map((value) => (Number.isNaN(value) ? null : value));
}
