import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import { test } from 'tap';

import { openOutsidePlayer } from '../../../src/app/outside-player.ts';
import { trainerParts } from '../../../src/app/train/trainer-parts.ts';
import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import type { Config } from '../../../src/config/schema.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { promptIds } from '../../../src/rollout/sampler.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { phase } from '../../../src/training/rollouts.ts';
import { requestJson } from '../../material/clients/request-json.ts';
import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { testFolder } from '../../material/test-folder.ts';
import { scriptedStep } from '../../unit/training/scripted-rollouts.ts';

const tokenizer = fileURLToPath(new URL('../../material/chat/fixtures/qwen2.5', import.meta.url));
const chatFormat = await openChatFormat(tokenizer);
const signal = new AbortController().signal;
const context = { progress: silentProgress, signal };
const chat = [{ role: 'user', content: 'solve: Where?' }] as const;

interface CompletionCall {
  readonly path: string | undefined;
  readonly token: string | undefined;
  readonly body: {
    readonly model: string;
    readonly prompt: number[];
    readonly temperature: number;
  };
}

/** vLLM's replies to completions by token ids, without the policy service's own fields. */
async function standInCompletions(
  t: Test,
  say: string,
): Promise<{ url: string; calls: CompletionCall[] }> {
  const calls: CompletionCall[] = [];
  const ids = chatFormat.tokenizer.encode(say);
  const server = createServer((request, response) => {
    void (async () => {
      const body = (await requestJson(request)) as CompletionCall['body'];
      calls.push({ path: request.url, token: request.headers.authorization, body });
      const choice = {
        ...{ index: 0, text: say, finish_reason: 'stop', stop_reason: '</answer>', token_ids: ids },
        logprobs: { token_logprobs: ids.map(() => -0.25), tokens: [] },
      };
      const usage = { prompt_tokens: body.prompt.length, completion_tokens: ids.length };
      response.end(JSON.stringify({ id: 'cmpl-1', choices: [choice], usage }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, calls };
}

const configOf = (sections: object): Config => configSchema.parse(sections);

test('a server of completions plays by token ids, with its own model and token', async (t) => {
  const server = await standInCompletions(t, '<answer>Riga</answer>');
  process.env['SSP_PLAYER_TOKEN'] = 'secret';
  t.teardown(() => delete process.env['SSP_PLAYER_TOKEN']);
  const config = configOf({ player: { url: server.url, model: 'big', tokenizer } });
  const outside = await openOutsidePlayer(config, 30, context);
  t.teardown(() => outside.close());
  t.same(outside.facts, { kind: 'completions-server', url: server.url, model: 'big' });
  const { prompt, sampler } = outside.at(0.7).open(chat);
  t.same(prompt, promptIds(chatFormat, chat));
  const episode = { rules: undefined, prompt, steps: [], next: undefined };
  const turn = await sampler.sample(
    { episode: episode as never, maxTokens: 50, stop: ['</answer>'], spoiling: [], seed: 1 },
    signal,
  );
  t.same(chatFormat.tokenizer.decode(turn.tokens), '<answer>Riga</answer>');
  t.equal(turn.logProbs.length, turn.tokens.length);
  t.match(server.calls, [
    {
      path: '/v1/completions',
      token: 'Bearer secret',
      body: { model: 'big', prompt, temperature: 0.7 },
    },
  ]);
});

test('half a player is refused', async (t) => {
  const half = configOf({ player: { url: 'http://127.0.0.1:9' } });
  await t.rejects(openOutsidePlayer(half, 30, context), { code: 'SSP_CONFIG_INVALID' });
});

/** Rollouts of a run whose configuration lets a chat server play; the policy service is never asked. */
async function rolloutsOf(t: Test, sections: { training?: object; game?: object }, say: string) {
  const server = await standInChatServer(t, () => say);
  const player = { url: server.url, model: 'big', api: 'chat' };
  const config = configOf({ ...sections, player });
  const outside = await openOutsidePlayer(config, 30, context);
  const client = new PolicyClient({ url: 'http://127.0.0.1:9' });
  t.teardown(() => client.close());
  const { rollouts } = await trainerParts(
    {
      ...{ config, client, outside, modelFolder: tokenizer, folder: runFolder(testFolder(t)) },
      checkpointPrefix: '',
      inputs: {
        source: { kind: 'seeds', seeds: [], hash: '' },
        ...{ validationSets: [], truthOf: undefined },
      },
      search: undefined as never,
    },
    context,
  );
  return { server, rollouts };
}
const scripted = scriptedStep({ proposer: () => '', solver: () => '' });

test('the frozen role is played by the server, at the temperature of its role', async (t) => {
  const training = { learners: 'solver', frozenPlayer: 'server' };
  const game = { temperature: 1, proposerTemperature: 0.5, format: 'tiny' };
  const { server, rollouts } = await rolloutsOf(
    t,
    { training, game },
    '<question>Where?</question>',
  );
  const starts = [{ chat, seed: 3 }];
  const [record] = await rollouts.play('proposer', starts, phase(scripted, 'propose'));
  t.match(record, { role: 'proposer', outcome: { kind: 'answered', text: 'Where?' } });
  t.match(server.calls[0]?.body, { model: 'big', temperature: 0.5 });
});

test('the server reads in verification', async (t) => {
  const game = { reader: 'server', format: 'tiny' };
  const { server, rollouts } = await rolloutsOf(t, { game }, '<answer>Riga</answer>');
  const starts = [{ chat, seed: 3 }];
  const [record] = await rollouts.play('verifier', starts, phase(scripted, 'verify'));
  t.match(record, { role: 'verifier', outcome: { kind: 'answered', text: 'Riga' } });
  t.match(server.calls[0]?.body, { model: 'big', temperature: 0 });
});
