import { join } from 'node:path';

import { policyProcessOf } from '../../material/policy/policy-process.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { outcomeOf } from '../../material/training/run-outcome.ts';
import { Program, signalTo } from '../program.ts';
import { serve } from '../search-answers.ts';
import type { Phase, TrainingGround } from '../training-ground.ts';
import { goOn, holdCoded, reachPhase, trainArguments, trainingGround } from '../training-ground.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';

const patience = ['--patience-seconds', '6'];
const briefMs = 2500;
/** Where each service is asked for something. */
const asked: Readonly<Record<'policy' | 'search', readonly Phase[]>> = {
  policy: ['propose', 'verify', 'solve', 'score', 'update', 'validate', 'save'],
  search: ['propose', 'solve', 'validate'],
};

export const stoppedServicesTrial: Trial = {
  name: 'services-stopped',
  tries:
    'The search service or the policy service of a training is stopped (SIGSTOP) in a phase of a step, with a patience of six seconds, for two and a half seconds or for good: the training goes on to the same bytes, or ends with SSP_SERVICE_SILENT and is resumed to them.',
  missing: skip,
  async prepare(folder, signal) {
    const ground = await trainingGround(folder, signal);
    return async (attempt) => {
      await stopped(ground, attempt, attempt.round % 3 === 1 ? 'search' : 'policy');
    };
  },
};

async function stopped(
  ground: TrainingGround,
  { folder, round, random, signal, count }: Attempt,
  service: 'policy' | 'search',
): Promise<void> {
  const run = join(folder, 'run');
  const search = service === 'search' ? await serve(ground.index, { signal }) : undefined;
  const address = search === undefined ? [] : ['--search-url', search.url];
  const phase = asked[service][round % asked[service].length] ?? 'propose';
  const isForGood = random.chance(0.5);
  const args = [...trainArguments(ground.config, run), ...patience, ...address];
  const training = new Program(args, { signal });
  await reachPhase(training, run, { phase, step: 1 + random.below(2) }, ground, random);
  const pid = search?.program.pid ?? policyProcessOf(training.pid);
  const what = `${service} service stopped in ${phase}`;
  hold(pid !== undefined, () => `no ${service} service to stop: ${training.stderr.slice(-2000)}`);
  signalTo(pid, 'SIGSTOP');
  if (!isForGood) {
    await training.wait(briefMs);
    signalTo(pid, 'SIGCONT');
  }
  const end = await training.ended;
  if (search !== undefined) signalTo(pid, 'SIGCONT');
  if (end.code === 0) {
    holdSame(await outcomeOf(run), ground.outcome, `${what}: what the run did`);
    count(isForGood ? `${what} when it was not asked any more` : `${what}, continued: went on`);
  } else {
    const code = holdCoded(end, /^SSP_(SERVICE_SILENT|TRAINING_FAILURES)$/, what);
    hold(end.stderr.includes('SSP_SERVICE_SILENT'), () => `${what}: ${end.stderr.slice(-2000)}`);
    count(`${what}${isForGood ? '' : ' briefly'}: ${code} (SSP_SERVICE_SILENT)`);
    await goOn(ground, run, { signal }, { more: address });
    count('resumed to the same bytes');
  }
  search?.program.send('SIGTERM');
  await search?.program.ended;
}
