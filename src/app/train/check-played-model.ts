import type { Config } from '../../config/schema.ts';
import type { Role } from '../../types/episode.ts';
import { checkPlay, checkServedPlay } from '../check-model.ts';

/**
 * Before anything is loaded: the prompts of the roles that the model plays and its small files, and its
 * context where the service is not one that runs already. Throws what {@link checkServedPlay} throws.
 */
export async function checkPlayedModel(config: Config): Promise<void> {
  const own = playedRoles(config);
  if (config.training.policyUrl === undefined) return checkServedPlay(config, own);
  await checkPlay(config, config.policy.model, own);
}

/** Given questions have no proposer; a server may play a frozen role, and a judge or it may verify. */
function playedRoles({ training, game }: Config): Role[] {
  const { learners, frozenPlayer, questions } = training;
  const isServers = (role: Role): boolean => frozenPlayer === 'server' && learners !== role;
  const isPlayed = {
    proposer: questions.length === 0 && !isServers('proposer'),
    solver: !isServers('solver'),
    verifier: game.verify && game.reader === 'policy',
  };
  return (['proposer', 'solver', 'verifier'] as const).filter((role) => isPlayed[role]);
}
