import type { GameConfig } from '../config/game.ts';
import type { EpisodeLimits, RoleLimits } from '../game/episode.ts';
import type { FillStrategy } from '../game/fill.ts';
import type { GameFormat } from '../game/format.ts';
import type { ProposerRewardOptions } from '../game/rewards.ts';
import type { RuleFilterOptions } from '../game/rule-filter.ts';
import type { VerificationOptions } from '../game/verification.ts';
import { formatOf } from './game-formats.ts';

/** The options of `src/game`, a part each. */
interface GameOptions {
  readonly format: GameFormat;
  readonly limits: RoleLimits;
  readonly endsSpoiledTurns: boolean;
  readonly filter: RuleFilterOptions;
  /** Undefined: every question that passes the filter is valid. */
  readonly verification: VerificationOptions | undefined;
  readonly proposerReward: ProposerRewardOptions;
  readonly fill: FillStrategy;
}

/** The section `game` of the configuration as the rules of the game take it. */
export function gameOptions(config: GameConfig): GameOptions {
  const { reader, noise, noiseUnit, containment } = config;
  return {
    format: formatOf(config),
    limits: roleLimits(config),
    endsSpoiledTurns: config.endSpoiledTurns,
    filter: {
      minCharacters: config.minQuestionChars,
      maxCharacters: config.maxQuestionChars,
      minWords: config.minQuestionWords,
      minSearches: config.minSearches,
      rejectsAnswerInQuery: config.rejectAnswerInQuery,
      needsContentWord: config.requireContentWord,
    },
    verification: config.verify ? { reader, noise, noiseUnit, containment } : undefined,
    proposerReward: proposerRewardOptions(config),
    fill: fillStrategy(config),
  };
}

/** The verifier reads all of the material at once, so its lengths are its own. */
function roleLimits(config: GameConfig): RoleLimits {
  const { proposer, solver, verifier } = config.maxTurnTokens;
  const shared: EpisodeLimits = {
    turns: config.maxTurns,
    searches: config.maxSearches,
    promptTokens: config.maxPromptTokens,
    responseTokens: config.maxResponseTokens,
    queryCharacters: config.maxQueryChars,
  };
  return {
    proposer: { ...shared, turnTokens: proposer },
    solver: { ...shared, turnTokens: solver },
    verifier: {
      ...shared,
      promptTokens: config.verifierMaxPromptTokens,
      responseTokens: config.verifierMaxResponseTokens,
      turnTokens: verifier,
    },
  };
}

function proposerRewardOptions(config: GameConfig): ProposerRewardOptions {
  const { proposerReward: type, formatPenalty, difficultyLeft, difficultyRight } = config;
  return type === 'intermediate_difficulty'
    ? { type, formatPenalty, left: difficultyLeft, right: difficultyRight }
    : { type, formatPenalty };
}

function fillStrategy(config: GameConfig): FillStrategy {
  switch (config.fill) {
    case 'dummy':
      return { kind: 'dummy' };
    case 'resample':
      return { kind: 'resample', maxRounds: config.resampleRounds };
    case 'reuse':
      return {
        kind: 'reuse',
        maxSuccessRate: config.reuseMaxSuccess,
        takesUnsolved: config.reuseUnsolved,
        withReplacement: config.reuseWithReplacement,
        resetEverySteps: config.reuseResetSteps === 0 ? undefined : config.reuseResetSteps,
      };
  }
}
