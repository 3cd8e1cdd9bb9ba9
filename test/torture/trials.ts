import type { Trial } from './trial.ts';
import { clockTrial } from './trials/clock-jumps.ts';
import { corpusTrial } from './trials/corpus.ts';
import { damageTrial } from './trials/damage.ts';
import { diskFullTrial } from './trials/disk-full.ts';
import { indexBuildTrial } from './trials/index-build.ts';
import { interruptedTrainingTrial } from './trials/interrupted-training.ts';
import { killedTrainingTrial } from './trials/killed-training.ts';
import { kvCacheTrial } from './trials/kv-cache.ts';
import { memoryLimitTrial } from './trials/memory-limit.ts';
import { stoppedServicesTrial } from './trials/stopped-services.ts';
import { twoTrainingsTrial } from './trials/two-trainings.ts';

/** All trials, in the order of a round. */
export const trials: readonly Trial[] = [
  indexBuildTrial,
  corpusTrial,
  damageTrial,
  killedTrainingTrial,
  interruptedTrainingTrial,
  stoppedServicesTrial,
  twoTrainingsTrial,
  diskFullTrial,
  kvCacheTrial,
  memoryLimitTrial,
  clockTrial,
];
