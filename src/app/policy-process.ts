import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PolicyConfig } from '../config/policy.ts';
import { SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import type { PythonEnvironment } from '../python/environment.ts';
import type { ServiceEnd } from '../python/process.ts';
import type { PolicyEvents } from './policy-events.ts';

const packageFolder = fileURLToPath(new URL('../../services/policy', import.meta.url));

/**
 * Runs the policy service in its Python process until it ends or `signal` is aborted. `extra` flags
 * go to it as they are. Throws its own coded error, or SSP_PYTHON_PROGRAM_FAILED.
 */
export async function runPolicyProcess(
  config: PolicyConfig,
  extra: readonly string[],
  events: PolicyEvents,
  context: JobContext,
): Promise<void> {
  const { signal } = context;
  const folder = await modelFolder(config.model, context, extra.includes('--preflight'));
  const { ensurePythonEnvironment } = await import('../python/environment.ts');
  const { runService } = await import('../python/process.ts');
  const environment = await ensurePythonEnvironment(context);
  const end = await runService(
    environment.python,
    ['-m', 'ssp_policy', ...flagsOf(config, folder), ...extra],
    { PYTHONPATH: packageFolder, TOKENIZERS_PARALLELISM: 'false' },
    signal,
    (line) => {
      events.take(line);
    },
  );
  // Until PyTorch is imported the service ends by the very signal.
  const isStopped = signal.aborted && /^SIG(TERM|INT)$/.test(end.endedBy ?? '');
  if (end.code !== 0 && !isStopped) throw events.error ?? crash(end, environment);
}

/**
 * The folder that is meant, downloaded first where it is a hub id; `configOnly` fetches no more than a
 * preflight reads. Throws SSP_USAGE, SSP_FILE_NOT_FOUND and what `modelFromHub` throws.
 */
export async function modelFolder(
  model: string | undefined,
  context: JobContext,
  configOnly = false,
): Promise<string> {
  if (model === undefined) {
    throw new SspError('SSP_USAGE', { problem: 'give a model folder or hub id' });
  }
  if (await isFolder(model)) return resolve(model);
  const { isHubId, modelFromHub } = await import('../models/model-hub.ts');
  const { hubLanguageModel, hubModelConfig } = await import('../models/language-model.ts');
  const wanted = configOnly ? hubModelConfig(model) : hubLanguageModel(model);
  if (isHubId(model)) return modelFromHub(wanted, context);
  throw new SspError('SSP_FILE_NOT_FOUND', { what: 'model folder', path: model });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The settings as the service's flags: `microBatchTokens` is `--micro-batch-tokens`. */
function flagsOf(config: PolicyConfig, folder: string): string[] {
  const settings = { ...config, model: folder, checkpoints: resolve(config.checkpoints) };
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return value === undefined ? [] : [`--${name}=${[value].flat().join(',')}`];
  });
}

function crash({ code, endedBy, tail }: ServiceEnd, { folder }: PythonEnvironment): SspError {
  const last = tail.findLast((line) => line.trim() !== '') ?? 'no output';
  const end = endedBy === null ? `exit code ${code}` : `ended by ${endedBy}`;
  const problem = `${end}; ${last}`;
  return new SspError('SSP_PYTHON_PROGRAM_FAILED', {
    ...{ program: 'ssp_policy', problem, environment: folder },
  });
}
