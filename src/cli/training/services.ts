import type { Config } from '../../config/schema.ts';
import type { ServiceConfig } from '../../config/service.ts';
import { PolicyClient } from '../../policy/policy-client.ts';
import { silentProgress } from '../../progress/progress.ts';
import type { CommandContext } from '../context.ts';
import { PolicyEvents } from '../policy-events.ts';
import { runPolicyProcess } from '../policy-process.ts';

/** A service that this process has started for itself, or one that runs elsewhere. */
export interface UsedService {
  readonly url: string;
  stop(): Promise<void>;
}

/** A service elsewhere is not ours to stop. */
export function serviceElsewhere(url: string): UsedService {
  return { url, stop: () => Promise.resolve() };
}

/** Serves an index in this process on a free port of the loopback address. */
export async function startSearch(
  index: string,
  config: { readonly service: ServiceConfig; readonly encoder: Config['encoder'] },
): Promise<UsedService> {
  const { startService } = await import('../../../services/search/service.ts');
  const { openSearchIndex } = await import('../open-search-index.ts');
  const service = await startService({
    config: { ...config.service, host: '127.0.0.1', port: 0 },
    progress: silentProgress,
    open: (load, stopped) => openSearchIndex(index, config.encoder, load, stopped),
  });
  try {
    await service.ready;
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}

/** A policy service that this process has started. */
export interface StartedPolicy extends UsedService {
  /** Aborted with the service's error where it ends before it is told to. */
  readonly broken: AbortSignal;
}

/**
 * Starts the policy service of the configuration on a free port and waits until it has loaded its
 * model. It lives until `stop`, also when the command is interrupted: its last work is the trainer's
 * to end.
 */
export async function startPolicy(
  config: Config['policy'],
  checkpoints: string,
  { progress, signal }: Pick<CommandContext, 'progress' | 'signal'>,
): Promise<StartedPolicy> {
  signal.throwIfAborted();
  const [stopping, broken] = [new AbortController(), new AbortController()];
  let listening: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (listening = resolve));
  const events = new PolicyEvents({
    progress,
    signal,
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
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended.catch(() => undefined);
  };
  try {
    const address = await Promise.race([url, ended.then(() => url), aborted(signal)]);
    const client = new PolicyClient({ url: address });
    await client.ready(() => undefined, AbortSignal.any([signal, broken.signal]));
    await client.close();
    return { url: address, stop, broken: broken.signal };
  } catch (error) {
    await stop();
    throw broken.signal.aborted ? broken.signal.reason : error;
  }
}

/** Rejects with the signal's reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
