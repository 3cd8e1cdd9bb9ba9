import { join } from 'node:path';

import { policyProcessOf } from '../../material/policy/policy-process.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { Program, signalTo } from '../program.ts';
import type { Phase, TrainingGround } from '../training-ground.ts';
import {
  goOn,
  holdCoded,
  reachPhase,
  resumption,
  stepToCome,
  trainArguments,
  trainingGround,
} from '../training-ground.ts';
import type { Attempt, Trial } from '../trial.ts';

const killsPerRun = 3;
/** The phases in turn: what writes or changes weights first. */
const aims: readonly Phase[] = [
  ...(['update', 'save', 'propose', 'validate', 'score', 'solve', 'verify', 'begin'] as const),
];
const victims = ['trainer', 'policy service', 'both'] as const;

export const killedTrainingTrial: Trial = {
  name: 'training-killed',
  tries:
    'A training with real updates of its weights, or its policy service, or both, is killed (SIGKILL) in each phase of a step in turn, three times a run, and resumed: metrics and episodes are byte for byte those of an undisturbed run.',
  missing: skip,
  async prepare(folder, signal) {
    const ground = await trainingGround(folder, signal);
    return (attempt) => killed(ground, attempt);
  },
};

async function killed(
  ground: TrainingGround,
  { folder, round, random, signal, count }: Attempt,
): Promise<void> {
  const run = join(folder, 'run');
  for (let kill = 0; kill < killsPerRun; kill += 1) {
    const nth = killsPerRun * round + kill;
    const phase = aims[nth % aims.length] ?? 'begin';
    const victim = victims[(nth + Math.floor(nth / aims.length)) % victims.length] ?? 'both';
    const step = stepToCome(run, random);
    if (step === undefined) break; // it is done
    const args = [...trainArguments(ground.config, run), ...resumption(run)];
    const training = new Program(args, { signal });
    const isIn = await reachPhase(training, run, { phase, step }, ground, random);
    const policy = policyProcessOf(training.pid);
    if (victim !== 'policy service') training.send('SIGKILL');
    if (victim !== 'trainer' && policy !== undefined) signalTo(policy, 'SIGKILL');
    const isPolicyAlone = victim === 'policy service' && policy !== undefined;
    if (victim === 'policy service' && policy === undefined) training.send('SIGKILL');
    const end = await training.ended;
    if (!isIn || end.code === 0) {
      count('ended before its kill');
    } else if (isPolicyAlone) {
      const codes = /^SSP_(PYTHON_PROGRAM_FAILED|POLICY_\w+|TRAINING_FAILURES)$/;
      const code = holdCoded(end, codes, `policy service killed in ${phase}`);
      count(`${phase}: policy service killed, ${code}`);
    } else {
      count(`${phase}: ${policy === undefined ? 'trainer' : victim} killed`);
    }
  }
  await goOn(ground, run, { signal });
  count('resumed to the same bytes');
}
