import type { Config } from '../../config/schema.ts';
import { isSspError } from '../../errors/error.ts';
import { runFolder } from '../../run/run-folder.ts';
import { stateSteps } from '../../training/run-writer.ts';
import { checkSameConfig } from '../training/run-start.ts';

/** Whether a run of this very configuration was broken off there and can go on. */
export async function isUnfinished(path: string, config: Config): Promise<boolean> {
  const folder = runFolder(path);
  const last = (await stateSteps(folder)).at(-1);
  if (last === undefined || last >= config.training.steps) return false;
  try {
    await checkSameConfig(folder, config);
    return true;
  } catch (error) {
    if (isSspError(error, 'SSP_RUN_DIFFERS')) return false;
    throw error;
  }
}
