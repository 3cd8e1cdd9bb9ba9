import { join } from 'node:path';

import t, { test } from 'tap';

import { runTraining } from '../../../src/app/train/run-training.ts';
import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { trainingSequence } from '../../../src/game/training-sequence.ts';
import { tinyPolicyFolder } from '../../../src/models/shipped.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { readEpisodes } from '../../../src/run/read-run.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import type { EpisodeRecord } from '../../../src/types/episode.ts';
import { servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';
import { makeWorld, temperatures, writeRunConfig } from './world.ts';

t.setTimeout(900_000); // services that start PyTorch, on whatever machine this is

const context = {
  signal: new AbortController().signal,
  progress: silentProgress,
  print: () => undefined,
};
type Learner = keyof typeof temperatures;

/** What the role sampled in a step of a run. */
async function episodesOf(run: string, step: number, role: Learner): Promise<EpisodeRecord[]> {
  const records = await readEpisodes(runFolder(run), step);
  return records.flatMap(({ proposal, attempts }) =>
    role === 'proposer' ? (proposal?.episode ?? []) : attempts.map((attempt) => attempt.episode),
  );
}

/** The checkpoint `opponent`: the tiny policy after one long step, far from its first weights. */
async function saveOpponent(client: PolicyClient): Promise<void> {
  await client.save('first');
  const tokens = [1, 9, 2, 30, 31, 32, 33, 34];
  await client.backward([{ tokens, weights: tokens.map((_, i) => (i === 0 ? 0 : 1)) }]);
  const adam = { betas: [0.9, 0.999] as const, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
  await client.step({ lr: 0.01, ...adam });
  await client.save('opponent');
  await client.load('first');
  await client.snapshot('opponent', { checkpoint: 'opponent' });
}

test('a frozen role plays with the weights of a checkpoint', { skip }, async (t) => {
  const folder = testFolder(t);
  const world = await makeWorld(folder);
  const service = await servePolicy(folder, tinyPolicyFolder, ['--full', '--exact-sampling']);
  t.teardown(() => service.stop());
  const client = new PolicyClient({ url: service.url });
  await saveOpponent(client);
  const checkpoints = join(folder, 'checkpoints');

  const train = async (run: string, training: object, resume = false): Promise<unknown> => {
    const path = await writeRunConfig(folder, world, {
      training: { validationSteps: 0, ...training },
    });
    return runTraining({ run, resume, config: await loadConfig(path) }, context);
  };
  /** The largest difference between what a role sampled by and the log-probs of `model`, in nats. */
  const gap = async (model: string, run: string, step: number, role: Learner): Promise<number> => {
    const played = (await episodesOf(run, step, role)).map((episode) => trainingSequence(episode));
    t.ok(played.length > 0, `the ${role} played`);
    const { samplerGap } = await client.logProbs({
      model,
      sequences: played.map(({ tokens_T }) => tokens_T),
      sampled: played.map(({ logProbs_T }) => logProbs_T),
      temperature: temperatures[role],
    });
    return samplerGap?.max ?? NaN;
  };

  await t.test('the proposer, also after a resumption', async (t) => {
    const run = join(folder, 'solver-learns');
    // The run's own service, which reads the folder of another's checkpoint.
    const solver = { learners: 'solver', frozenCheckpoint: join(checkpoints, 'opponent') };
    await train(run, { ...solver, steps: 1 });
    await train(run, { ...solver, steps: 2 }, true); // its new service has no snapshot yet
    for (const step of [1, 2]) {
      t.ok((await gap('opponent', run, step, 'proposer')) < 1e-3, `step ${step}`);
      t.ok((await gap('reference', run, step, 'proposer')) > 0.02, 'not with the first weights');
    }
    t.ok((await gap('reference', run, 1, 'solver')) < 1e-3, 'the solver began with the first');
  });

  await t.test('the solver, whatever an earlier run left at the service', async (t) => {
    await client.snapshot('frozen', 'reference');
    const run = join(folder, 'proposer-learns');
    const proposer = { learners: 'proposer', frozenCheckpoint: 'opponent' };
    await train(run, { ...proposer, steps: 1, policyUrl: service.url });
    t.ok((await gap('opponent', run, 1, 'solver')) < 1e-3);
    t.ok((await gap('reference', run, 1, 'solver')) > 0.02);
    t.ok((await gap('reference', run, 1, 'proposer')) < 1e-3);
  });

  await t.test('one that is not there, or that the run would write over, is refused', async (t) => {
    const run = join(folder, 'refused');
    const solver = { learners: 'solver', policyUrl: service.url };
    const unknown = /CHECKPOINT_UNKNOWN: There is no checkpoint nowhere in /;
    for (const [training, code, message] of [
      [{ frozenCheckpoint: 'nowhere' }, 'SSP_POLICY_REFUSED', unknown],
      [{ frozenCheckpoint: join(folder, 'x') }, 'SSP_USAGE', /has its own/],
      [{ frozenCheckpoint: 'step-000001' }, 'SSP_USAGE', /step-000001.*writes its own/],
      [{ frozenCheckpoint: 'opponent', learners: 'both' }, 'SSP_USAGE', /both roles learn/],
    ] as const) {
      await t.rejects(train(run, { ...solver, ...training }), { code, message });
    }
  });

  await client.close();
  t.equal(await service.stop(), 0);
});
