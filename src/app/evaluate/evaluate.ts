import { join } from 'node:path';

import type { Config } from '../../config/schema.ts';
import { unanswerableNote } from '../../evaluation/question-set.ts';
import { runEvaluation } from '../../evaluation/run-evaluation.ts';
import type { JobContext } from '../../progress/progress.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import type { LockHolder } from '../../storage/lock.ts';
import { withLock } from '../../storage/lock.ts';
import type { EvaluationScores } from '../../types/evaluation.ts';
import type { EvalOptions } from './asked-sets.ts';
import { askedSets } from './asked-sets.ts';
import { checkChoices } from './check-choices.ts';
import { withPlayers } from './players.ts';

/** What `ssp eval` does: one evaluation at a time in its folder. */
export async function evaluate(
  options: EvalOptions,
  config: Config,
  context: JobContext,
): Promise<EvaluationScores> {
  const { signal, progress } = context;
  const { out } = options;
  checkChoices(options, config);
  const sets = await askedSets(options, config.evaluation);
  for (const { name, questions } of sets) {
    const note = unanswerableNote(name, questions);
    if (note !== undefined) progress.note(note);
  }
  const { format, limits, endsSpoiledTurns } = gameOptions(config.game);
  const { maxConcurrent, maxFailedShare } = config.evaluation;
  return withPlayers(options, config, context, ({ players, setting, onFailure }) => {
    const run = {
      ...{ out, sets, players, progress },
      setting: { ...setting, sets: sets.map(({ facts }) => facts) },
      options: {
        format,
        limits: limits.solver,
        endsSpoiledTurns,
        maxConcurrent,
        maxFailedShare,
        onFailure,
      },
    };
    const onWait = ({ pid, host, lock }: LockHolder): void => {
      progress.note(`waiting for process ${pid} on ${host}, which evaluates into ${out} (${lock})`);
    };
    return withLock(join(out, '.lock'), { signal, onWait }, () => runEvaluation(run, signal));
  });
}
