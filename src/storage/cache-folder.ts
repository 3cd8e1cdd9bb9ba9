import { homedir } from 'node:os';
import { join } from 'node:path';

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
