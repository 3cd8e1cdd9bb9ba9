import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { terminalProgress } from '../../src/progress/terminal-progress.ts';
import { ensurePythonEnvironment } from '../../src/python/environment.ts';
import { runProgram, workshopPath } from './workshop.ts';

const packageFolder = fileURLToPath(new URL('../../services/policy/', import.meta.url));

/** Starts a program of services/policy/benchmarks in the project's Python environment. */
export async function startPolicyProgram(
  name: string,
  args: readonly string[],
): Promise<ChildProcess> {
  return spawn(await policyPython(), ['-m', `benchmarks.${name}`, ...args], {
    cwd: packageFolder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TOKENIZERS_PARALLELISM: 'false', TQDM_DISABLE: '1' },
  });
}

/** Runs such a program and gives its standard output; throws where it fails. */
export async function runPolicyProgram(name: string, ...args: string[]): Promise<string> {
  const child = await startPolicyProgram(name, args);
  let output = '';
  child.stdout?.on('data', (data) => (output += String(data)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`benchmarks.${name} ended with ${String(code)}`);
  return output;
}

/** The random model of 0.87 M parameters that the CPU benchmarks share, made on first use. */
export async function smallModel(): Promise<string> {
  const folder = await workshopPath('policy-model');
  if (!existsSync(join(folder, 'model.safetensors'))) await runPolicyProgram('small_model', folder);
  return folder;
}

/** Whether PyTorch sees a GPU. */
export async function hasGpu(): Promise<boolean> {
  const program = 'import torch; print(torch.cuda.is_available())';
  return (await runProgram(await policyPython(), ['-c', program])).trim() === 'True';
}

async function policyPython(): Promise<string> {
  const progress = terminalProgress(process.stderr);
  return (await ensurePythonEnvironment({ progress })).python;
}
