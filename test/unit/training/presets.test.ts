import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { readVariants } from '../../../src/app/ablate.ts';
import { loadConfig } from '../../../src/config/load.ts';

const presets = fileURLToPath(new URL('../../../src/config/presets', import.meta.url));
const variants = join(presets, 'variants.yaml');

/** What they are for makes the model first. */
const modelIsPutIn = ['co-evolution.yaml', 'quickstart.yaml', 'smollm2.yaml'];

test('every shipped configuration is valid', async (t) => {
  const names = (await readdir(presets)).filter((name) => name !== 'variants.yaml');
  t.same(names.toSorted(), [
    'co-evolution.yaml',
    'one-24gb-1.5b-lora.yaml',
    'one-24gb-3b-lora.yaml',
    'one-h200-7b-full.yaml',
    'one-h200-7b-lora.yaml',
    'paper-7b-code.yaml',
    'paper-7b.yaml',
    'quickstart.yaml',
    'smollm2.yaml',
  ]);
  for (const name of names) {
    const { game, policy } = await loadConfig(join(presets, name));
    const { verifierMaxPromptTokens, verifierMaxResponseTokens } = game;
    t.ok(game.maxPromptTokens + game.maxResponseTokens <= 32_768, 'Qwen2.5 reads 32,768 tokens');
    t.ok(verifierMaxPromptTokens + verifierMaxResponseTokens <= 32_768);
    t.ok(policy.model !== undefined || modelIsPutIn.includes(name));
  }
});

/** Everything that decides, in a run by the paper's words. */
const paper = {
  game: {
    ...{ format: 'ssp', maxTurns: 10, maxSearches: 10, topPassages: 3, maxQueryChars: 1000 },
    ...{ maxPromptTokens: 4096, maxResponseTokens: 8192, maxTurnTokens: {} },
    ...{ endSpoiledTurns: true },
    ...{ verifierMaxPromptTokens: 28_672, verifierMaxResponseTokens: 4096 },
    ...{ temperature: 1, attempts: 5 },
    ...{ minQuestionChars: 10, maxQuestionChars: 1000, minQuestionWords: 10, minSearches: 2 },
    ...{ rejectAnswerInQuery: false, requireContentWord: false, verify: true, reader: 'policy' },
    ...{ noise: 4, noiseUnit: 'trajectory', containment: 'off' },
    ...{ proposerReward: '1-acc', difficultyLeft: 0, difficultyRight: 1, formatPenalty: 0 },
    ...{ fill: 'reuse', resampleRounds: 3, reuseResetSteps: 10, reuseMaxSuccess: 0.5 },
    ...{ reuseUnsolved: true, reuseWithReplacement: false },
  },
  training: {
    ...{ steps: 200, batchQuestions: 256, miniBatchQuestions: 128, miniBatchesOf: 'rollouts' },
    ...{ proposals: 1, learners: 'both', updates: 'combined', shuffleProposerRewards: false },
    ...{ solverAlgorithm: 'grpo', proposerAlgorithm: 'reinforce', reinforceBaseline: 'none' },
    ...{ lr: 1e-6, warmupSteps: 5, warmupOf: 'steps' },
    ...{ weightDecay: 0.01, beta1: 0.9, beta2: 0.999, maxGradNorm: 1 },
    ...{ clipLow: 0.2, clipHigh: 0.285, maxLogRatio: 20 },
    ...{ klCoefficient: 0.01, klMaxDivergence: 10 },
    ...{ proposerLossWeight: 1, aggregation: 'sequence-mean', oldLogProbs: 'trainer' },
    ...{ verifierTemperature: 0, validationSteps: 5, checkpointSteps: 5 },
    ...{
      questions: [],
      furtherValidationSets: [],
      bestBy: 'exactMatch',
      overlongFilter: false,
      frozenPlayer: 'weights',
    },
  },
};
/** What the released code does instead. */
const code = {
  game: {
    ...{ reader: 'judge', verifierMaxResponseTokens: 70 },
    ...{ reuseMaxSuccess: 1, reuseWithReplacement: true },
  },
  training: {
    ...{ updates: 'separate', proposerMiniBatchQuestions: 256, proposerLossWeight: 0.4 },
    ...{ warmupOf: 'updates', dualClip: 3, verifierTemperature: 0.1 },
  },
};
/** Keys of the section that decide nothing of what is learnt. */
const beside = [
  ...['seed', 'maxConcurrent', 'patienceSeconds', 'maxFailedShare'],
  ...['validationQuestions', 'keepCheckpoints'],
];

test("the paper's two configurations are resolved to their very values", async (t) => {
  const resolved = async (name: string) => {
    const { game, training } = await loadConfig(join(presets, name));
    const entries = Object.entries(training).filter(([key]) => !beside.includes(key));
    return { game, training: Object.fromEntries(entries) };
  };
  t.strictSame(await resolved('paper-7b.yaml'), paper);
  t.strictSame(await resolved('paper-7b-code.yaml'), {
    game: { ...paper.game, ...code.game },
    training: { ...paper.training, ...code.training },
  });
});

test('the table of the differences names every key that differs', async (t) => {
  const document = await readFile(new URL('../../../docs/training.md', import.meta.url), 'utf8');
  const rows = new Map(
    [...document.matchAll(/^\| `(\w+\.\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|/gm)].map(
      ([, key = '', ...cells]) => [key, cells.map((cell) => cell.trim())],
    ),
  );
  const configs = await Promise.all(
    [join(presets, 'paper-7b.yaml'), join(presets, 'paper-7b-code.yaml'), undefined].map((path) =>
      loadConfig(path),
    ),
  );
  const differing: string[] = [];
  for (const section of ['game', 'training'] as const) {
    const tables = configs.map((config): Record<string, unknown> => config[section]);
    for (const key of new Set(tables.flatMap((table) => Object.keys(table)))) {
      const values = tables.map((table) => shown(table[key]));
      if (new Set(values).size === 1) continue;
      differing.push(`${section}.${key}`);
      t.same(rows.get(`${section}.${key}`), values, `${section}.${key}`);
    }
  }
  t.same([...rows.keys()].toSorted(), differing.toSorted(), 'and no other');
});

function shown(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

test('every variant changes known keys of a configuration', async (t) => {
  const names = ['full', 'solver-only', 'noise-7', 'grpo-grpo', 'fill-reuse-reset'];
  for (const { overrides } of await readVariants(variants, names)) {
    await t.resolves(loadConfig(undefined, overrides));
  }
  await t.rejects(readVariants(variants, ['solver-olny']), {
    code: 'SSP_CONFIG_INVALID',
    message: /no variant solver-olny; the nearest is solver-only/,
  });
  await t.rejects(readVariants(variants, ['noise-4x']), { message: /the nearest is noise-4$/ });
  await t.rejects(readVariants(variants, ['nothing-like-it']), {
    message: /no variant nothing-like-it; there are full, solver-only,/,
  });
  await t.rejects(readVariants(join(presets, 'none.yaml'), []), { code: 'SSP_FILE_NOT_FOUND' });
});
