import { test } from 'tap';

import { gameConfig } from '../../../src/config/game.ts';
import { gameFormats } from '../../../src/rollout/game-formats.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';

const reuse = {
  kind: 'reuse',
  maxSuccessRate: 0.5,
  takesUnsolved: true,
  withReplacement: false,
};
const limits = {
  turns: 10,
  searches: 10,
  promptTokens: 4096,
  responseTokens: 8192,
  turnTokens: undefined,
  queryCharacters: 1000,
};

test('the defaults are the paper’s (arXiv 2510.18821)', (t) => {
  t.same(gameOptions(gameConfig.parse({})), {
    format: gameFormats.ssp,
    limits: {
      proposer: limits,
      solver: limits,
      // Of Qwen2.5's 32,768 tokens: the noise of four trajectories is read at once.
      verifier: { ...limits, promptTokens: 28_672, responseTokens: 4096 },
    },
    endsSpoiledTurns: true,
    filter: {
      minCharacters: 10,
      maxCharacters: 1000,
      minWords: 10,
      minSearches: 2,
      rejectsAnswerInQuery: false,
      needsContentWord: true,
    },
    verification: {
      ...{ reader: 'policy', noise: 4, noiseUnit: 'trajectory' },
      containment: 'off',
    },
    proposerReward: { type: '1-acc', formatPenalty: 0 },
    fill: { ...reuse, resetEverySteps: 10 },
  });
  const { topPassages, attempts, temperature } = gameConfig.parse({});
  t.same([topPassages, attempts, temperature], [3, 5, 1]);
  t.end();
});

test('each variant is a setting', (t) => {
  const options = (settings: object) => gameOptions(gameConfig.parse(settings));
  t.same(gameConfig.shape.format.unwrap().options.toSorted(), Object.keys(gameFormats).toSorted());
  t.equal(options({ verify: false }).verification, undefined);
  t.same(
    options({ proposerReward: 'intermediate_difficulty', formatPenalty: 0.1 }).proposerReward,
    {
      ...{ type: 'intermediate_difficulty', left: 0, right: 1, formatPenalty: 0.1 },
    },
  );
  const capped = options({ maxTurnTokens: { solver: 200 }, verifierMaxPromptTokens: 900 }).limits;
  t.same(
    [capped.proposer.turnTokens, capped.solver.turnTokens, capped.verifier.promptTokens],
    [undefined, 200, 900],
  );
  t.match(options({ reuseUnsolved: false, reuseWithReplacement: true }).fill, {
    ...{ takesUnsolved: false, withReplacement: true },
  });
  t.same(options({ fill: 'dummy' }).fill, { kind: 'dummy' });
  t.same(options({ fill: 'resample' }).fill, { kind: 'resample', maxRounds: 3 });
  t.same(options({ reuseResetSteps: 0 }).fill, {
    ...reuse,
    resetEverySteps: undefined,
  });
  t.end();
});
