import { join } from 'node:path';

import t, { test } from 'tap';

import { runSummary } from '../../../src/app/quickstart/summary.ts';
import { runTraining } from '../../../src/app/train/run-training.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { makeWorld, quickstart, writeRunConfig } from './world.ts';

t.setTimeout(1_800_000); // an optimizer at work, on whatever machine this is

test('seven steps of self-play teach the tiny policy to follow chains', { skip }, async (t) => {
  const folder = t.testdir();
  const world = await makeWorld(folder, {
    ...{ entities: 2000, questions: 1500, heldOutPerHop: 40 },
    minHops: quickstart.seeds.minHops,
  });
  const config = await loadConfig(
    await writeRunConfig(folder, world, {
      game: quickstart.game,
      training: {
        ...{ steps: 7, batchQuestions: 32, miniBatchQuestions: 32, warmupSteps: 5 },
        ...{ validationQuestions: 120, validationSteps: 7 },
      },
    }),
  );
  const context = {
    signal: new AbortController().signal,
    progress: silentProgress,
    print: () => undefined,
  };
  const run = join(folder, 'run');
  await runTraining({ run, resume: false, config }, context);
  const { before, after, truth } = await runSummary(runFolder(run));
  t.comment(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}, truth ${truth}`);
  t.ok((before['all'] ?? 1) < 0.45, 'a weak player');
  t.ok((after['all'] ?? 0) - (before['all'] ?? 1) > 0.2);
  t.ok((after['2'] ?? 0) > (before['2'] ?? 1) + 0.15, 'two hops are learnt');
  t.ok((truth ?? 0) > 0.75, 'what it asks is mostly true');
});
