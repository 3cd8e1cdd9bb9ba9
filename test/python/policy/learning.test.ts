import t, { test } from 'tap';

import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { policyLoss } from '../../../src/objective/policy-loss.ts';
import { reinforceAdvantages } from '../../../src/objective/reinforce.ts';
import { modelFolder, servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // an optimizer at work, on whatever machine this is

const [start, end, symbols] = [1, 2, 16];
const [prompts, attempts, steps] = [64, 8, 70];

/** The prompts of a step: `start`, one of 16 symbols, `end`. */
function promptsOf(step: number): number[][] {
  return Array.from({ length: prompts }, (_, i) => [start, 8 + ((step * 7 + i) % symbols), end]);
}

test(
  'a model of 0.8 M parameters learns to copy by REINFORCE through the service',
  { skip },
  async (t) => {
    const folder = testFolder(t);
    const service = await servePolicy(folder, await modelFolder(folder, 'learner'), ['--full']);
    t.teardown(() => service.stop());
    const client = new PolicyClient({ url: service.url });
    const rewards: number[] = [];
    let widestGap = 0;
    for (let step = 0; step < steps; step += 1) {
      const { reward, gap } = await trainStep(client, step);
      rewards.push(reward);
      widestGap = Math.max(widestGap, gap);
    }
    const [first = 1, last = 0] = [rewards[0], rewards.at(-1)];
    t.comment(`reward ${first.toFixed(3)} -> ${last.toFixed(3)}, sampler gap ${widestGap}`);
    t.ok(first < 0.2, 'chance is one in 32');
    t.ok(last > 0.9, 'seen: .98 after 70 steps');
    t.ok(widestGap < 1e-4, 'the sampler and the trainer are one model');
    await client.close();
    t.equal(await service.stop(), 0);
  },
);

/** One on-policy step; gives the mean reward and the mean difference of the two log-probs. */
async function trainStep(
  client: PolicyClient,
  step: number,
): Promise<{ reward: number; gap: number }> {
  const requests = promptsOf(step).map(async (prompt, i) => {
    const sampling = { n: attempts, maxTokens: 1, seed: step * prompts + i };
    const { choices } = await client.complete({ prompt, ...sampling });
    return choices.map(({ tokenIds, logProbs }) => ({
      tokens: [...prompt, ...tokenIds],
      sampled: [NaN, NaN, NaN, ...logProbs],
      reward: tokenIds[0] === prompt[1] ? 1 : 0,
    }));
  });
  const rollouts = (await Promise.all(requests)).flat();
  const rewards = rollouts.map(({ reward }) => reward);
  const scores = await client.logProbs({
    sequences: rollouts.map(({ tokens }) => tokens),
    sampled: rollouts.map(({ sampled }) => sampled),
  });
  const advantages = reinforceAdvantages(rewards, 'batch-mean-std');
  const { weights_B_T } = policyLoss(
    scores.logProbs.map((logp_T, i) => ({
      ...{ logp_T, oldLogp_T: logp_T, mask_T: [0, 0, 0, 1], advantage: advantages[i] ?? 0 },
    })),
    {
      ...{ clipLow: 0.2, clipHigh: 0.2, klCoefficient: 0, aggregation: 'token-mean' },
      ...{ maxLogRatio: 20, maxDivergence: 10 },
    },
  );
  await client.backward(
    rollouts.map(({ tokens }, i) => ({ tokens, weights: Array.from(weights_B_T[i] ?? []) })),
  );
  await client.step({ lr: 1e-3, maxGradNorm: 1 });
  const reward = rewards.reduce((sum, value) => sum + value, 0) / rewards.length;
  return { reward, gap: scores.samplerGap?.mean ?? Infinity };
}
