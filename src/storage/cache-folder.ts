import { homedir } from 'node:os';
import { join } from 'node:path';

import { isSspError, SspError } from '../errors/error.ts';

/**
 * Where the Python environment, what V8 compiled, and models that were put there by hand are kept:
 * `SSP_CACHE_DIR`, else `ssp` in `XDG_CACHE_HOME`, else `~/.cache/ssp` (src/cli/ssp.mjs has the same rule).
 * All but the models can be made again.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { SSP_CACHE_DIR, XDG_CACHE_HOME } = environment;
  if (SSP_CACHE_DIR) return SSP_CACHE_DIR;
  return join(XDG_CACHE_HOME ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'ssp');
}

/**
 * Runs what writes into a cache that the environment variable `variable` names. Throws
 * SSP_CACHE_NOT_WRITABLE, which names it, where a right, a disk or a path refuses that: a home folder often
 * cannot be written where a service runs.
 */
export async function writingToCache<Result>(
  variable: 'SSP_CACHE_DIR' | 'HF_HOME',
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!isSspError(error, 'SSP_NOT_WRITABLE') && !isSspError(error, 'SSP_FILE_SYSTEM'))
      throw error;
    const problem = error.message;
    throw new SspError('SSP_CACHE_NOT_WRITABLE', { problem, variable }, { cause: error });
  }
}
