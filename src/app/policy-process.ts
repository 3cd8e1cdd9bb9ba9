import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { PolicyConfig } from '../config/policy.ts';
import { SspError } from '../errors/error.ts';
import { choiceNote, findModel } from '../models/trained-model.ts';
import type { JobContext } from '../progress/progress.ts';
import { otherKind } from '../storage/input-kind.ts';
import type { PolicyEvents } from './policy-events.ts';
import { runPythonService, serviceFlags } from './python-service.ts';

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
  const found = config.model === undefined ? undefined : await findModel(config.model);
  const note = found && choiceNote(found);
  if (note !== undefined) context.progress.note(note);
  const adapter = config.adapter ?? found?.adapter;
  const settings = {
    ...config,
    model: await modelFolder(found?.model, context, extra.includes('--preflight')),
    adapter: adapter === undefined ? undefined : resolve(adapter),
    checkpoints: resolve(config.checkpoints),
  };
  const flags = [...serviceFlags(settings), ...extra];
  const variables = { TOKENIZERS_PARALLELISM: 'false' };
  await runPythonService({ module: 'ssp_policy', flags, variables }, events, context);
}

/**
 * The folder that is meant, as {@link findModel} finds it, downloaded first where it is a hub id;
 * `configOnly` fetches no more than a preflight reads. Throws SSP_USAGE, SSP_FILE_NOT_FOUND,
 * SSP_INPUT_KIND and what `modelFromHub` throws.
 */
export async function modelFolder(
  model: string | undefined,
  context: JobContext,
  configOnly = false,
): Promise<string> {
  if (model === undefined) {
    throw new SspError('SSP_USAGE', { problem: 'give a model folder or hub id' });
  }
  const { model: found } = await findModel(model);
  if (found !== model) return modelFolder(found, context, configOnly);
  const other = await otherKind(model, 'model');
  if (other !== undefined) throw other;
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
