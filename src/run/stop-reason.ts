import { readEvents } from './read-run.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * Why the collapse watch stopped the run, in the words of SSP_TRAINING_COLLAPSED; undefined where it
 * did not, or where the run has been resumed since. Throws as {@link readEvents}.
 */
export async function stopReason(folder: RunFolder): Promise<string | undefined> {
  const last = (await readEvents(folder)).at(-1);
  return last?.event === 'stopped' ? last.reason : undefined;
}
