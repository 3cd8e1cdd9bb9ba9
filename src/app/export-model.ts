import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import { SspError } from '../errors/error.ts';
import { choiceNote, findModel } from '../models/trained-model.ts';
import type { JobContext } from '../progress/progress.ts';
import type { PolicyEvents } from './policy-events.ts';
import { modelFolder } from './policy-process.ts';
import { runPythonService, serviceFlags } from './python-service.ts';

/** A model to write as a plain Hugging Face folder. */
export interface ExportModelRequest {
  /** A model folder, a run, a checkpoint, an adapter that names its base model, or a hub id. */
  readonly model: string;
  /** A LoRA adapter to merge in, or a checkpoint that holds one. */
  readonly adapter?: string | undefined;
  /** The folder to make; it appears whole or not at all. */
  readonly out: string;
}

/**
 * Writes the model in its Python program, which tells `events` what was written. Throws
 * SSP_OUTPUT_EXISTS, SSP_FILE_NOT_FOUND, the errors of the policy service about models, adapters and
 * checkpoints, and the SSP_PYTHON_ errors.
 */
export async function exportModel(
  { model, adapter: given, out }: ExportModelRequest,
  events: PolicyEvents,
  context: JobContext,
): Promise<void> {
  const entries = await readdir(out).catch(() => []);
  if (entries.length > 0) {
    throw new SspError('SSP_OUTPUT_EXISTS', { path: out, what: `${entries.length} entries` });
  }
  const found = await findModel(model);
  const note = choiceNote(found);
  if (note !== undefined) context.progress.note(note);
  const adapter = given ?? found.adapter;
  const flags = serviceFlags({
    model: await modelFolder(found.model, context),
    adapter: adapter === undefined ? undefined : resolve(adapter),
    out: resolve(out),
  });
  await runPythonService({ module: 'ssp_policy.export', flags }, events, context);
  if (events.error !== undefined) throw events.error;
}
