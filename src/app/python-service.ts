import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import type { PythonEnvironment } from '../python/environment.ts';
import type { ServiceEnd } from '../python/process.ts';
import type { PolicyEvents } from './policy-events.ts';

/** A service of this project in Python. */
export interface PythonService {
  readonly module: 'ssp_policy' | 'ssp_policy.export' | 'ssp_encoder';
  readonly flags: readonly string[];
  /** Beside those of the project's own Python environment. */
  readonly variables?: NodeJS.ProcessEnv;
}

const packageFolders = ['encoder', 'policy'].map((name) =>
  fileURLToPath(new URL(`../../services/${name}`, import.meta.url)),
);

/**
 * Runs a service in its Python process until it ends or `signal` is aborted. Throws the service's own
 * coded error, or SSP_PYTHON_PROGRAM_FAILED.
 */
export async function runPythonService(
  { module, flags, variables = {} }: PythonService,
  events: PolicyEvents,
  context: JobContext,
): Promise<void> {
  const { signal } = context;
  const { ensurePythonEnvironment } = await import('../python/environment.ts');
  const { runService } = await import('../python/process.ts');
  const environment = await ensurePythonEnvironment(context);
  const end = await runService(
    environment.python,
    ['-m', module, ...flags],
    { PYTHONPATH: packageFolders.join(delimiter), ...variables },
    signal,
    (line) => {
      events.take(line);
    },
  );
  // Until PyTorch is imported the service ends by the very signal.
  const isStopped = signal.aborted && /^SIG(TERM|INT)$/.test(end.endedBy ?? '');
  if (end.code !== 0 && !isStopped) throw events.error ?? crash(module, end, environment);
}

type Setting = string | number | boolean | readonly string[] | undefined;

/** Settings as a service's flags: `microBatchTokens` is `--micro-batch-tokens`; undefined ones are left out. */
export function serviceFlags(settings: Readonly<Record<string, Setting>>): string[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return value === undefined ? [] : [`--${name}=${[value].flat().join(',')}`];
  });
}

function crash(
  program: string,
  { code, endedBy, tail }: ServiceEnd,
  { folder }: PythonEnvironment,
): SspError {
  const last = tail.findLast((line) => line.trim() !== '') ?? 'no output';
  const end = endedBy === null ? `exit code ${code}` : `ended by ${endedBy}`;
  const problem = `${end}; ${last}`;
  return new SspError('SSP_PYTHON_PROGRAM_FAILED', { program, problem, environment: folder });
}
