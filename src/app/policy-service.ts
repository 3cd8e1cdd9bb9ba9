import { z } from 'zod';

import { PolicyClient } from '../clients/policy/policy-client.ts';
import type { PolicyConfig } from '../config/policy.ts';
import type { Config } from '../config/schema.ts';
import type { TrainingConfig } from '../config/training.ts';
import { isSspError, SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { killAtOnce } from '../python/process.ts';
import { PolicyEvents } from './policy-events.ts';
import { runPolicyProcess } from './policy-process.ts';
import { watchService } from './watch-services.ts';

/** A policy service in use. */
interface UsedPolicy {
  readonly url: string;
  /** Aborted with the service's error where it ends before it is told to. */
  readonly broken: AbortSignal;
  /** Ends it where this process has started it; at once, without its own end, where it hangs. */
  stop(hangs: boolean): Promise<void>;
}

/** Where a policy service is, or would be. */
export interface PolicyPlace {
  /** Of one that runs; without it one is started. */
  readonly url: string | undefined;
  readonly patienceSeconds: number;
  /** Folder of the checkpoints of one that is started. */
  readonly checkpoints: string;
}

/**
 * Runs `body` with the policy service at `place.url`, or with one that is started for it; the signal
 * that `body` gets is also aborted where that one breaks.
 */
export async function withPolicy<Result>(
  config: PolicyConfig,
  { url, patienceSeconds, checkpoints }: PolicyPlace,
  context: JobContext,
  body: (client: PolicyClient, ends: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const policy =
    url === undefined ? await startPolicy(config, checkpoints, context) : policyElsewhere(url);
  const token = process.env['SSP_POLICY_TOKEN'] ?? process.env['SSP_TOKEN'];
  const patience = { patienceSeconds, progress: context.progress };
  const watch = watchService('the policy service', policy.url, patience);
  const client = new PolicyClient({ url: policy.url, token, watch });
  let hangs = false;
  try {
    return await body(client, AbortSignal.any([context.signal, policy.broken]));
  } catch (error) {
    hangs = isSilent(error, policy.url);
    throw error;
  } finally {
    await policy.stop(hangs);
    await client.close();
  }
}

/** Whether the service at `url` was given up, in a call of its own or in the episodes of a step. */
function isSilent(error: unknown, url: string): boolean {
  if (isSspError(error, 'SSP_SERVICE_SILENT')) return error.details['url'] === url;
  return error instanceof Error && isSilent(error.cause, url);
}

/** A service elsewhere is not ours to stop, and its failures show in its replies. */
function policyElsewhere(url: string): UsedPolicy {
  return { url, broken: new AbortController().signal, stop: () => Promise.resolve() };
}

/**
 * Starts the policy service of the configuration on a free port and waits until it has loaded its
 * model. It lives until `stop`, also when the command is interrupted: its last work is the trainer's
 * to end.
 */
async function startPolicy(
  config: PolicyConfig,
  checkpoints: string,
  { progress, signal }: JobContext,
): Promise<UsedPolicy> {
  signal.throwIfAborted();
  const [stopping, broken] = [new AbortController(), new AbortController()];
  let listening: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (listening = resolve));
  const events = new PolicyEvents({
    progress,
    print: (value) => {
      listening((value as { url: string }).url);
    },
  });
  const ended = runPolicyProcess(
    { ...config, host: '127.0.0.1', port: 0, checkpoints },
    ['--stop-with-input'],
    events,
    { progress, signal: stopping.signal },
  );
  ended.catch((error: unknown) => {
    broken.abort(error);
  });
  const stop = async (hangs: boolean): Promise<void> => {
    stopping.abort(hangs ? killAtOnce : undefined);
    await ended.catch(() => undefined);
  };
  try {
    const address = await Promise.race([url, ended.then(() => url), aborted(signal)]);
    const client = new PolicyClient({ url: address });
    await client.ready(() => undefined, AbortSignal.any([signal, broken.signal]));
    await client.close();
    return { url: address, stop, broken: broken.signal };
  } catch (error) {
    await stop(false);
    throw broken.signal.aborted ? broken.signal.reason : error;
  }
}

/**
 * Throws SSP_TRAINING_CONTEXT where the longest episode does not fit the model; those of the policy as
 * verifier count where `verifies`.
 */
export function checkContext(
  { game }: Pick<Config, 'game'>,
  model: Readonly<Record<string, unknown>>,
  verifies: boolean,
): void {
  const context = Number(model['max_sequence_tokens'] ?? model['context_length']);
  const lengths = [
    ['maxPromptTokens', 'maxResponseTokens'] as const,
    ...(verifies ? [['verifierMaxPromptTokens', 'verifierMaxResponseTokens'] as const] : []),
  ];
  for (const [prompt, response] of lengths) {
    const needed = game[prompt] + game[response];
    if (needed <= context) continue;
    const keys = `game.${prompt} and game.${response}`;
    throw new SspError('SSP_TRAINING_CONTEXT', { needed, context, keys });
  }
}

/**
 * Throws SSP_TRAINING_DISK where the checkpoints that a run keeps at once, of which it has `existing`
 * already, do not fit on the disk: those of `keepCheckpoints`, the best, and the one being written. A
 * service that does not know its disk is taken at its word.
 */
export function checkSpace(
  { keepCheckpoints }: Pick<TrainingConfig, 'keepCheckpoints'>,
  model: Readonly<Record<string, unknown>>,
  existing: number,
): void {
  const { checkpoint_bytes: bytes = 0, checkpoint_free_bytes: free = 0 } =
    checkpointFacts.parse(model);
  const count = Math.max(keepCheckpoints + 2 - existing, 1);
  if (free === 0 || count * bytes <= free) return;
  throw new SspError('SSP_TRAINING_DISK', {
    ...{ count, each: gigabytes(bytes), needed: gigabytes(count * bytes), free: gigabytes(free) },
  });
}

/** Which weights a run begins with, as the service says: not always those of its model folder. */
export function firstWeightsText(model: Readonly<Record<string, unknown>>): string {
  const { weights_version: version = '?', trained_steps: steps = 0 } = checkpointFacts.parse(model);
  const trained =
    steps === 0
      ? 'those of its model folder'
      : `TRAINED for ${steps} steps already; restart the service to begin with its model folder`;
  return `the run begins with the weights ${version} of the policy service: ${trained}`;
}

/** Of /v1/facts; a service of an earlier version does not say them. */
const checkpointFacts = z.looseObject({
  weights_version: z.string().optional(),
  trained_steps: z.int().min(0).optional(),
  checkpoint_bytes: z.int().min(0).optional(),
  checkpoint_free_bytes: z.int().min(0).optional(),
});

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
}

/** Rejects with the signal's reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
