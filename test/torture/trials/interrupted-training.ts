import { join } from 'node:path';

import { skip } from '../../material/policy/served-policy.ts';
import { Program } from '../program.ts';
import type { Phase, TrainingGround } from '../training-ground.ts';
import {
  goOn,
  holdCoded,
  reachPhase,
  resumption,
  trainArguments,
  trainingGround,
} from '../training-ground.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold } from '../trial.ts';

const aims: readonly Phase[] = ['update', 'save', 'update', 'solve', 'update', 'validate'];

export const interruptedTrainingTrial: Trial = {
  name: 'training-interrupted',
  tries:
    'A training gets SIGTERM or SIGINT, mostly while an update runs: SSP_INTERRUPTED with exit code 130, and resumed it gives the bytes of an undisturbed run.',
  missing: skip,
  async prepare(folder, signal) {
    const ground = await trainingGround(folder, signal);
    return (attempt) => interrupted(ground, attempt);
  },
};

async function interrupted(
  ground: TrainingGround,
  { folder, round, random, signal, count }: Attempt,
): Promise<void> {
  const run = join(folder, 'run');
  for (const step of [1, 2]) {
    const phase = aims[(2 * round + step - 1) % aims.length] ?? 'update';
    const name = random.chance(0.5) ? 'SIGTERM' : 'SIGINT';
    const args = [...trainArguments(ground.config, run), ...resumption(run)];
    const training = new Program(args, { signal });
    await reachPhase(training, run, { phase, step }, ground, random);
    training.send(name);
    const end = await training.ended;
    if (end.code === 0) {
      count('ended before its signal');
      continue;
    }
    const code = holdCoded(end, /^SSP_INTERRUPTED$/, `${name} in ${phase}`);
    hold(end.code === 130, () => `${name} in ${phase}: exit code ${end.code}`);
    count(`${phase}: ${name}, ${code}`);
  }
  await goOn(ground, run, { signal });
  count('resumed to the same bytes');
}
