import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { installedPythonEnvironment } from '../../../src/python/environment.ts';
import { pythonVariables } from '../../../src/python/process.ts';
import type { RunningService } from '../cli/running-service.ts';
import { launchService, startService } from '../cli/running-service.ts';

const script = fileURLToPath(new URL('model_folder.py', import.meta.url));

const environment = await installedPythonEnvironment();

/** Why tests with a policy service are skipped, or false. */
export const skip =
  environment === undefined && 'no Python environment; `npm run python -- --version` makes it';

/** Writes a small random model into `<folder>/model` in the Hugging Face format; gives its path. */
export async function modelFolder(
  folder: string,
  kind: 'tiny' | 'chat' | 'learner',
  family: 'qwen2' | 'qwen3' | 'llama' = 'qwen3',
): Promise<string> {
  const out = join(folder, 'model');
  const env = pythonVariables();
  await promisify(execFile)(environment?.python ?? '', [script, kind, family, out], { env });
  return out;
}

/** Starts `ssp policy` on the model, on the CPU with one thread, checkpoints in `<folder>`. */
export function servePolicy(
  folder: string,
  model: string,
  args: readonly string[] = [],
): Promise<RunningService> {
  return startService([...command(folder, model), ...args]);
}

/** Starts it as `servePolicy` does, and waits until its port is open only. */
export function openPolicy(
  folder: string,
  model: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<RunningService> {
  return launchService([...command(folder, model), ...args], env);
}

function command(folder: string, model: string): string[] {
  const cpu = ['--device', 'cpu', '--threads', '1', '--checkpoints', join(folder, 'checkpoints')];
  return ['policy', '--model', model, ...cpu];
}
