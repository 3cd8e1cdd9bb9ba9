import t, { test } from 'tap';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { SearchClient } from '../../../src/clients/search-client.ts';
import { gameConfig } from '../../../src/config/game.ts';
import { renderPrompt } from '../../../src/game/prompt.ts';
import { trainingSequence } from '../../../src/game/training-sequence.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import type { EpisodeTask } from '../../../src/rollout/play-episode.ts';
import { countOutcomes, playEpisodes } from '../../../src/rollout/play-episode.ts';
import { policySampler } from '../../../src/rollout/sampler.ts';
import { searcherOf } from '../../../src/rollout/searcher.ts';
import { modelFolder, servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // PyTorch is imported, on whatever machine this is

const never = new AbortController().signal;

test('a tiny random policy plays through the real service', { skip }, async (t) => {
  const folder = testFolder(t);
  const model = await modelFolder(folder, 'tiny');
  const service = await servePolicy(folder, model, ['--full', '--exact-sampling']);
  t.teardown(() => service.stop());
  const client = new PolicyClient({ url: service.url });
  const chatFormat = await openChatFormat(model);
  const {
    format,
    limits: { solver: limits },
  } = gameOptions(gameConfig.parse({ maxResponseTokens: 12 }));
  const chat = renderPrompt(format, 'verifier', { question: 'Where?', material: 'Nowhere.' });
  const prompt = chatFormat.renderChat(chat, { addGenerationPrompt: true }).ids;
  const tasks = [1, 2, 3].map((seed): EpisodeTask => ({
    rules: { role: 'verifier', format, limits },
    prompt,
    seed,
  }));
  const players = {
    sampler: policySampler(client, { temperature: 1 }),
    searcher: searcherOf(new SearchClient({ url: 'http://127.0.0.1:9' }), 3), // a verifier never asks
    tokenizer: chatFormat.tokenizer,
  };
  const play = () => playEpisodes(tasks, players, { maxConcurrent: 3 }, never);
  const records = await play();
  t.equal(countOutcomes(records).outcomes.failed, 0);
  for (const record of records) {
    const { tokens_T, mask_T, logProbs_T } = trainingSequence(record);
    t.same(tokens_T.slice(0, prompt.length), prompt);
    const sampled = logProbs_T.filter((_, i) => mask_T[i] === 1);
    t.ok(sampled.length > 0 && sampled.every((logProb) => logProb <= 0));
  }
  t.not(records[0]?.steps[0]?.tokens, records[1]?.steps[0]?.tokens);
  t.same(
    (await play()).map(trainingSequence),
    records.map(trainingSequence),
    'the same seeds give the same tokens and log-probs',
  );

  await service.stop('SIGKILL');
  const [failed] = await playEpisodes(tasks.slice(0, 1), players, { maxConcurrent: 1 }, never);
  t.same(failed?.outcome, { kind: 'failed', failure: 'policy' });
  await client.close();
});
