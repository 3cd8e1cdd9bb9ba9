import { join } from 'node:path';

import t, { test } from 'tap';

import { runTraining } from '../../../src/app/train/run-training.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { readEpisodes, readMetrics } from '../../../src/run/read-run.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { modelFolder, skip } from '../../material/policy/served-policy.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(900_000); // a policy service a family, on whatever machine this is

const context = {
  signal: new AbortController().signal,
  progress: silentProgress,
  print: () => undefined,
};

/** The families with the format that each is played in here; random weights say nothing sensible. */
const families = [
  ['qwen2', 'ssp'],
  ['qwen3', 'search-r1'],
  ['llama', 'r-search'],
  ['qwen2', 'zero-search'],
] as const;

test('a random model of each family plays and learns a whole step', { skip }, async (t) => {
  const folder = t.testdir();
  const world = await makeWorld(folder);
  for (const [family, format] of families) {
    const model = await modelFolder(join(folder, `${family}-${format}`), 'chat', family);
    const path = await writeRunConfig(folder, world, {
      game: {
        ...{ format, maxPromptTokens: 1900, maxResponseTokens: 60, maxTurns: 2 },
        ...{ verifierMaxPromptTokens: 1900, verifierMaxResponseTokens: 60 },
        // No random model asks a valid question: the penalty gives its episodes something to train.
        formatPenalty: 0.1,
      },
      policy: { model },
      training: { steps: 1, reinforceBaseline: 'none', validationSteps: 0 },
    });
    const run = join(folder, 'runs', `${family}-${format}`);
    await runTraining({ run, resume: false, config: await loadConfig(path) }, context);
    const [metrics] = await readMetrics(runFolder(run));
    t.match(metrics?.proposer, { episodes: 6, outcomes: { failed: 0 } }, family);
    const { trainedTokens = 0, samplerGapMean, gradientNorm } = metrics?.updates.combined ?? {};
    t.ok(trainedTokens > 0 && (gradientNorm ?? 0) > 0, 'it learnt from what it sampled');
    t.ok((samplerGapMean ?? 1) < 1e-5, 'the sampler and the trainer agree');
    const [record] = await readEpisodes(runFolder(run), 1);
    t.ok((record?.proposal?.episode.prompt.length ?? 0) > 50, 'the chat template wrote the prompt');
  }
});
