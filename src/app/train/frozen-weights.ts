import { existsSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

import { SspError } from '../../errors/error.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { createFolder } from '../../storage/create-folder.ts';

/** The name under which a folder's weights stand among a run's checkpoints. */
const linkName = 'frozen';

/** Whether `training.frozenCheckpoint` is a folder, and no name at the policy service. */
export function isCheckpointFolder(frozenCheckpoint: string): boolean {
  return isAbsolute(frozenCheckpoint) || /[\\/]/.test(frozenCheckpoint);
}

/**
 * The name by which the policy service knows the frozen role's checkpoint. That of a folder is linked into
 * the run's checkpoints, so that nothing is copied. Throws SSP_FILE_NOT_FOUND where it is not there.
 */
export async function frozenCheckpointName(
  frozenCheckpoint: string,
  { checkpoints }: Pick<RunFolder, 'checkpoints'>,
): Promise<string> {
  if (!isCheckpointFolder(frozenCheckpoint)) return frozenCheckpoint;
  const path = resolve(frozenCheckpoint);
  if (!existsSync(path)) {
    throw new SspError('SSP_FILE_NOT_FOUND', { path, what: 'checkpoint of the frozen role' });
  }
  await createFolder(checkpoints);
  const link = join(checkpoints, linkName);
  await rm(link, { force: true });
  await symlink(path, link);
  return linkName;
}
