import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { skip } from '../../material/policy/served-policy.ts';
import { outcomeOf } from '../../material/training/run-outcome.ts';
import { Program } from '../program.ts';
import type { TrainingGround } from '../training-ground.ts';
import { holdCoded, trainArguments, trainingGround } from '../training-ground.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';

export const twoTrainingsTrial: Trial = {
  name: 'two-trainings',
  tries:
    'A second training is started into the folder of one under way, by `train` and by `--resume`, and another one into a folder of its own: the second is refused, the first and the other give the bytes of an undisturbed run.',
  missing: skip,
  async prepare(folder, signal) {
    const ground = await trainingGround(folder, signal);
    return (attempt) => atOnce(ground, attempt);
  },
};

async function atOnce(
  { config, outcome, lengthMs }: TrainingGround,
  { folder, random, signal, count }: Attempt,
): Promise<void> {
  const [run, own] = [join(folder, 'run'), join(folder, 'own')];
  const start = (path: string, ...more: string[]): Program =>
    new Program([...trainArguments(config, path), ...more], { signal });
  const first = start(run);
  const other = start(own);
  await first.until(() => existsSync(join(run, '.lock')));
  const intruders = [[], ['--resume']].map(async (more) => {
    await first.wait(random.below(Math.round(lengthMs.get('begin') ?? 1)));
    const intruder = start(run, ...more);
    const end = await intruder.ended;
    const name = `a second one in the folder${more.join('').replace('--', ' by --')}`;
    if (end.code === 0 && first.isOver) count(`${name}: came too late`);
    else count(`${name}: ${holdCoded(end, /^SSP_RUN_(IN_USE|EXISTS|NOT_FOUND)$/, name)}`);
  });
  const refused = await Promise.allSettled(intruders);
  for (const [path, program] of [
    [run, first],
    [own, other],
  ] as const) {
    const { code, stderr } = await program.ended;
    hold(code === 0, () => `one of two trainings: ${stderr.slice(-3000)}`);
    holdSame(await outcomeOf(path), outcome, 'what one of two trainings did');
    count('two on one machine: the same bytes');
  }
  for (const one of refused) if (one.status === 'rejected') throw one.reason;
}
