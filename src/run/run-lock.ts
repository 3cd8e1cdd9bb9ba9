import { join } from 'node:path';

import { SspError } from '../errors/error.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';

/** There while a command works in the folder of a run, or of several. */
export const runLockName = '.lock';

/**
 * Runs `body` while no other command works in the folder `path`. Throws SSP_RUN_IN_USE where one
 * does.
 */
export function withRunLock<Result>(path: string, body: () => Promise<Result>): Promise<Result> {
  const refuse = (holder: LockHolder): Error => new SspError('SSP_RUN_IN_USE', { path, ...holder });
  return withLock(join(path, runLockName), { refuse }, body);
}
