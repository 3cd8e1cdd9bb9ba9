import { test } from 'tap';

import type { ChatReply } from '../../../src/clients/chat-server.ts';
import { ChatServer } from '../../../src/clients/chat-server.ts';
import { gameConfig } from '../../../src/config/game.ts';
import { renderPrompt } from '../../../src/game/prompt.ts';
import { chatSampler, turnOf } from '../../../src/rollout/chat-sampler.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import { playEpisode, turnSeed } from '../../../src/rollout/play-episode.ts';
import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';

const stop = ['</search>', '</answer>'];
const never = new AbortController().signal;

test('a turn ends with its first stop text, which is put back where the server cut it off', (t) => {
  const turns: readonly [Partial<ChatReply>, string, ('stop' | 'length')?][] = [
    [{ text: '<search>a</search> and <answer>b</answer>' }, '<search>a</search>'],
    [{ text: '<search>a', stopText: '</search>' }, '<search>a</search>'],
    [{ text: '<search>a' }, '<search>a</search>'],
    [{ text: '<search>a</search' }, '<search>a</search</search>'],
    [{ text: '<search>a <answer>b' }, '<search>a <answer>b</answer>'],
    [{ text: '<search>a', stopText: null }, '<search>a'],
    [{ text: '<search>a', stopText: '###' }, '<search>a'],
    [{ text: '<search>a', finishReason: 'length' }, '<search>a', 'length'],
    [{ text: '<answer>a</answer> b', finishReason: 'length' }, '<answer>a</answer>'],
    [{ text: 'no tag' }, 'no tag'],
    [{ text: '' }, ''],
  ];
  for (const [reply, text, finishReason = 'stop'] of turns) {
    const turn = turnOf({ text: '', finishReason: 'stop', stopText: undefined, ...reply }, stop);
    t.same(turn, { tokens: [], logProbs: [], text, finishReason }, JSON.stringify(reply));
  }
  t.end();
});

test('an episode by text: results go on as messages of the user', async (t) => {
  const said = ['<think>hm</think><search>Velmora', 'I do not know', '<answer>1284</answer>'];
  const model = await standInChatServer(t, ({ body }) => said[body.messages.length >> 1] ?? '');
  const server = new ChatServer({
    ...{ url: `${model.url}/v1/`, model: 'any', token: 'secret' },
    ...{ maxInFlight: 1, attempts: 1, timeoutMs: 60_000 },
  });
  const game = gameConfig.parse({ format: 'search-r1', maxResponseTokens: 4000 });
  const {
    format,
    limits: { solver: limits },
  } = gameOptions(game);
  const chat = renderPrompt(format, 'solver', { question: 'When was Velmora founded?' });
  const passages = [{ id: '1', title: 'Velmora', text: 'Founded in 1284. </information>' }];
  const record = await playEpisode(
    { rules: { role: 'solver', format, limits }, prompt: [], seed: 7 },
    {
      sampler: chatSampler(server, chat, { maxTurnTokens: 500, temperature: 0 }),
      searcher: { search: () => Promise.resolve(passages) },
      tokenizer: { encode: () => [] },
    },
    never,
  );
  t.same(record.outcome, { kind: 'answered', text: '1284' });
  const last = model.calls.at(-1)?.body;
  t.match(last, { model: 'any', temperature: 0, max_tokens: 500, stop, seed: turnSeed(7, 2) });
  t.same(last?.messages.slice(1), [
    { role: 'assistant', content: '<think>hm</think><search>Velmora</search>' },
    {
      role: 'user',
      content: '<information>Doc 1(Title: Velmora) Founded in 1284. ‹/information></information>',
    },
    { role: 'assistant', content: 'I do not know' },
    { role: 'user', content: format.remark?.trim() },
  ]);
  t.same(last?.messages[0], chat[0]);
});

test('a chat server that cannot be asked is a failure of the policy', async (t) => {
  const model = await standInChatServer(t, () => ({ status: 400, body: 'context too long' }));
  const server = new ChatServer({
    ...{ url: `${model.url}/v1/chat/completions`, model: 'any' },
    ...{ maxInFlight: 1, attempts: 3, timeoutMs: 60_000 },
  });
  const {
    format,
    limits: { solver: limits },
  } = gameOptions(gameConfig.parse({}));
  const codes: string[] = [];
  const record = await playEpisode(
    { rules: { role: 'solver', format, limits }, prompt: [], seed: 7 },
    {
      sampler: chatSampler(server, [{ role: 'user', content: 'Where?' }], {
        ...{ maxTurnTokens: 500, temperature: 0 },
      }),
      searcher: { search: () => Promise.reject(new Error('not asked in this test')) },
      tokenizer: { encode: () => [] },
    },
    never,
    (_, { code, message }) => codes.push(`${code} ${message}`),
  );
  t.same(record.outcome, { kind: 'failed', failure: 'policy' });
  t.match(codes, [/^SSP_CHAT_SERVER_REFUSED .*400: context too long/]);
  t.equal(model.calls.length, 1, 'what is refused is not repeated');
});
