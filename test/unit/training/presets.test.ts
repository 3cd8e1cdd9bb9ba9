import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { readVariants } from '../../../src/app/ablate.ts';
import { loadConfig } from '../../../src/config/load.ts';

const presets = fileURLToPath(new URL('../../../src/config/presets', import.meta.url));
const variants = join(presets, 'variants.yaml');

test('every shipped configuration is valid', async (t) => {
  const names = (await readdir(presets)).filter((name) => name !== 'variants.yaml');
  t.same(names.toSorted(), [
    'one-24gb-1.5b-lora.yaml',
    'one-24gb-3b-lora.yaml',
    'one-h200-7b-full.yaml',
    'one-h200-7b-lora.yaml',
    'paper-7b.yaml',
    'quickstart.yaml',
  ]);
  for (const name of names) {
    const { game, policy } = await loadConfig(join(presets, name));
    t.ok(game.maxPromptTokens + game.maxResponseTokens <= 32_768, 'Qwen2.5 reads 32,768 tokens');
    t.ok(policy.model !== undefined || name === 'quickstart.yaml');
  }
});

test("the paper's configuration has the paper's numbers", async (t) => {
  const { game, training } = await loadConfig(join(presets, 'paper-7b.yaml'));
  t.match(training, {
    ...{ lr: 1e-6, warmupSteps: 5, batchQuestions: 256, miniBatchQuestions: 128 },
    ...{ clipLow: 0.2, clipHigh: 0.285, klCoefficient: 0.01, proposals: 1 },
    ...{ solverAlgorithm: 'grpo', proposerAlgorithm: 'reinforce', validationSteps: 5 },
  });
  t.match(game, {
    ...{ maxPromptTokens: 4096, maxResponseTokens: 8192, maxTurns: 10, topPassages: 3 },
    ...{ attempts: 5, noise: 4, temperature: 1, fill: 'reuse', reuseResetSteps: 10 },
    ...{ formatPenalty: 0, proposerReward: '1-acc', minSearches: 2, minQuestionWords: 10 },
  });
});

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
