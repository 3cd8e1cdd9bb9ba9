import { SspError } from '../errors/error.ts';
import { withProcessLock } from './process-lock.ts';

/**
 * Runs `body` while this process alone works in the folder `path`, by the lock file `lock` in it.
 * Throws SSP_RUN_IN_USE where another process does.
 */
export function withFolderLock<Result>(
  { path, lock }: { readonly path: string; readonly lock: string },
  body: () => Promise<Result>,
): Promise<Result> {
  const onWait = (pid: number): never => {
    throw new SspError('SSP_RUN_IN_USE', { path, pid });
  };
  return withProcessLock(lock, { onWait }, body);
}
