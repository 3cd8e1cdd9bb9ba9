import t, { test } from 'tap';

import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { trainingConfig } from '../../../src/config/training.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { Sample } from '../../../src/training/samples.ts';
import { StepTimer } from '../../../src/training/step-timer.ts';
import type { UpdateOptions } from '../../../src/training/update.ts';
import { updatePolicy } from '../../../src/training/update.ts';
import { modelFolder, servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // PyTorch is imported, on whatever machine this is

const prompt = [1, 9, 2];
const signal = new AbortController().signal;

/** Samples one token after the prompt, `count` times, a proposer's at temperature .5. */
async function sample(
  client: PolicyClient,
  count: number,
  role: Sample['role'] = 'solver',
): Promise<Sample[]> {
  const temperature = role === 'solver' ? 1 : 0.5;
  const request = { prompt, n: count, maxTokens: 1, seed: 5, temperature };
  const { choices } = await client.complete(request);
  return choices.map(({ tokenIds, logProbs }, index) => ({
    ...{ role, index },
    tokens_T: [...prompt, ...tokenIds],
    mask_T: [0, 0, 0, 1],
    sampledLogp_T: [NaN, NaN, NaN, ...logProbs],
    advantage: index % 2 === 0 ? 1 : -1,
  }));
}

test('updates through the real service', { skip }, async (t) => {
  const folder = testFolder(t);
  const service = await servePolicy(folder, await modelFolder(folder, 'learner'), ['--full']);
  t.teardown(() => service.stop());
  const client = new PolicyClient({ url: service.url });
  const version = async () => String((await client.facts())['weights_version']);
  const options = (training: object): UpdateOptions => ({
    ...{
      client,
      temperatures: { proposer: 0.5, solver: 1 },
      timer: new StepTimer(),
      step: 1,
      progress: silentProgress,
      signal,
    },
    training: trainingConfig.parse({
      ...{ klCoefficient: 0.01, batchQuestions: 6, miniBatchQuestions: 6 },
      ...training,
    }),
  });
  const part = (samples: readonly Sample[], learningRate = 0.001) => ({ samples, learningRate });
  const samples = await sample(client, 6);
  const mean = async (parity: number) => {
    const some = samples.filter(({ index }) => index % 2 === parity);
    const { logProbs } = await client.logProbs({ sequences: some.map((one) => one.tokens_T) });
    return logProbs.reduce((sum, row) => sum + (row.at(-1) ?? NaN), 0) / some.length;
  };

  await t.test('what paid becomes likelier, what did not unlikelier', async (t) => {
    const before = [await mean(0), await mean(1)];
    const start = await version();
    const { facts, version: after } = await updatePolicy([part(samples)], start, options({}));
    t.not(after, start);
    t.equal(after, await version());
    const [first] = facts;
    t.match(first, { sequences: 6, trainedTokens: 6, optimizerSteps: 1, learningRate: 0.001 });
    t.equal(first?.referenceKl, 0, 'the policy is still the reference');
    t.equal(first?.oldKl, 0);
    t.ok((first?.samplerGapMax ?? 1) < 1e-4);
    t.ok((first?.entropy ?? 0) > 3 && (first?.entropy ?? 9) < Math.log(32) + 1e-6);
    // 3 samples of either advantage, ratio 1: their surrogates cancel.
    t.ok(Math.abs(first?.loss ?? 1) < 1e-6);
    t.ok((await mean(0)) > (before[0] ?? 0));
    t.ok((await mean(1)) < (before[1] ?? 0));
  });

  await t.test('a later mini-batch is scored by the newer weights', async (t) => {
    const fresh = await sample(client, 6);
    const { facts } = await updatePolicy(
      [part(fresh)],
      await version(),
      options({ miniBatchQuestions: 2 }),
    );
    t.equal(facts[0]?.optimizerSteps, 3);
    t.ok((facts[0]?.oldKl ?? 0) > 0, 'the second and third see other weights than sampled');
  });

  await t.test(
    'one step without a KL term is scored as it is taken, to the same end',
    async (t) => {
      const fresh = await sample(client, 6);
      await client.save('one-pass', { overwrite: true });
      // A part of the loss that is 0 wants the scores first.
      const settings = [{ klCoefficient: 0 }, { klCoefficient: 1e-30 }];
      const ways = [];
      for (const training of settings) {
        await client.load('one-pass');
        const timer = new StepTimer();
        const given = { ...options(training), timer };
        const { facts } = await updatePolicy([part(fresh)], await version(), given);
        ways.push({ facts: facts[0], mean: await mean(0), scored: timer.seconds().score > 0 });
      }
      const [atOnce, scored] = ways;
      t.match(
        ways.map((way) => way.scored),
        [false, true],
      );
      t.equal(atOnce?.mean, scored?.mean, 'the same weights, to the bit');
      for (const key of ['loss', 'entropy', 'gradientNorm', 'samplerGapMean'] as const) {
        const [one, other] = [atOnce?.facts?.[key] ?? NaN, scored?.facts?.[key] ?? NaN];
        t.ok(Math.abs(one - other) < 1e-6, `${key}: ${one} and ${other}`);
      }
      t.match(atOnce?.facts, { sequences: 6, trainedTokens: 6, optimizerSteps: 1, oldKl: 0 });
    },
  );

  await t.test('a second part is scored by the weights that the first has made', async (t) => {
    const proposers = await sample(client, 3, 'proposer');
    const parts = [part(proposers), part(await sample(client, 3), 0.002)];
    const { facts } = await updatePolicy(parts, await version(), options({}));
    t.match(facts, [
      { sequences: 3, oldKl: 0, learningRate: 0.001 },
      { sequences: 3, oldKl: 0, learningRate: 0.002 },
    ]);
    t.ok((facts[0]?.samplerGapMax ?? 1) < 1e-4);
    t.equal(facts[1]?.samplerGapMax, null, 'its weights did not sample');
  });

  await t.test('by the sampler’s log-probs the second part is off-policy', async (t) => {
    const parts = [part(await sample(client, 3)), part(await sample(client, 3))];
    const bySampler = options({ oldLogProbs: 'sampler' });
    const { facts } = await updatePolicy(parts, await version(), bySampler);
    t.ok((facts[0]?.oldKl ?? 1) < 1e-8);
    t.ok((facts[1]?.oldKl ?? 0) > 1e-6);
  });

  await t.test('a learning rate of 0, as at the start of a warm-up, moves nothing', async (t) => {
    const before = await mean(0);
    const fresh = await sample(client, 6);
    const { facts } = await updatePolicy([part(fresh, 0)], await version(), options({}));
    t.match(facts[0], { optimizerSteps: 1, learningRate: 0 });
    t.equal(await mean(0), before);
  });

  await t.test('each role is scored at the temperature that it was sampled at', async (t) => {
    const both = [...(await sample(client, 3, 'proposer')), ...(await sample(client, 3))];
    const { facts } = await updatePolicy([part(both)], await version(), options({}));
    t.ok((facts[0]?.samplerGapMax ?? 1) < 1e-4);
  });

  await t.test('no samples change nothing', async (t) => {
    const start = await version();
    const { facts, version: after } = await updatePolicy([part([])], start, options({}));
    t.equal(after, start);
    t.match(facts[0], { sequences: 0, trainedTokens: 0, optimizerSteps: 0, loss: null });
  });

  await t.test('other weights than those that sampled are refused', async (t) => {
    const fresh = await sample(client, 2);
    await t.rejects(updatePolicy([part(fresh)], 'policy@999', options({})), {
      code: 'SSP_TRAINING_WEIGHTS_CHANGED',
    });
  });

  await client.close();
  t.equal(await service.stop(), 0);
});
