import { join } from 'node:path';

import t, { test } from 'tap';

import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { evaluated, searchService, setOf } from './evaluated.ts';

const search = ['--search-url', (await searchService(t)).url];

test('another setting in the same folder is refused, and named', async (t) => {
  const dir = t.testdir({ 'set.jsonl': setOf('a', 3), 'other.jsonl': setOf('b', 3) });
  const out = join(dir, 'out');
  const set = ['--set', `towns=${join(dir, 'set.jsonl')}`];
  const model = await standInChatServer(t, () => '<answer>1284');
  const api = ['--api-url', model.url, '--api-model', 'reader'];
  t.match(await evaluated(...search, ...api, ...set, '--out', out), {
    sets: [{ exactMatch: { value: 1 } }],
  });
  const others: readonly [string[], RegExp][] = [
    [[...set, '--seed', '1'], /another seed: 0 there, 1 now/],
    [[...set, '--questions', '2'], /another sets\.0\.asked: 3 there, 2 now/],
    [[...set, '--game-format', 'search-r1'], /another game\.format: "ssp" there/],
    [[...set, '--game-top-passages', '1'], /another search\.topPassages/],
    [[...set, '--api-model', 'writer'], /another model\.model: "reader" there, "writer" now/],
    [['--set', `towns=${join(dir, 'other.jsonl')}`], /another sets\.0\.hash/],
  ];
  for (const [args, message] of others) {
    await t.rejects(evaluated(...search, ...api, '--out', out, ...args), {
      code: 'SSP_EVALUATION_DIFFERS',
      message,
    });
  }
});

test('what is wrong with the input is said before anything is asked', async (t) => {
  const dir = t.testdir({
    qa: { 'one.jsonl': setOf('a', 2) },
    nothing: {},
    'bad.jsonl': `${setOf('a', 1)}{"id": "x", "question": "y", "golden_answers": []}\n`,
  });
  const model = await standInChatServer(t, () => '<answer>1284');
  const qa = ['--data', join(dir, 'qa')];
  const api = ['--api-url', model.url, '--api-model', 'reader'];
  const out = join(dir, 'out');
  const wrong: readonly [string[], string, RegExp][] = [
    [[...qa, ...api, '--set', 'two'], 'SSP_FILE_NOT_FOUND', /question set two \(there are one\)/],
    [[...api], 'SSP_USAGE', /--data, --set/],
    [[...api, '--set', 'one'], 'SSP_USAGE', /--set one=<file>/],
    [[...qa, ...api, '--set', 'one', '--set', 'one'], 'SSP_USAGE', /twice/],
    [[...api, '--set', `a/b=${dir}`], 'SSP_USAGE', /no name for a set/],
    [[...api, '--set', `x=${join(dir, 'none')}`], 'SSP_FILE_NOT_FOUND', /none/],
    [[...api, '--data', join(dir, 'nothing')], 'SSP_INPUT_EMPTY', /no question sets/],
    [
      [...api, '--set', `x=${join(dir, 'bad.jsonl')}`],
      'SSP_QUESTIONS_INVALID',
      /bad.jsonl, line 2/,
    ],
    [
      [...qa, '--model', 'policy'],
      'SSP_USAGE',
      /exactly one of --policy-url, --api-url and --player/,
    ],
    [[...qa, ...api, '--policy-url', model.url], 'SSP_USAGE', /exactly one/],
    [[...qa, '--api-url', model.url], 'SSP_USAGE', /--api-model/],
    [[...qa, ...api, '--model', 'reference'], 'SSP_USAGE', /--policy-url/],
    [[...qa, '--policy-url', model.url], 'SSP_USAGE', /--tokenizer/],
    [[...qa, ...api, '--judge-url', model.url], 'SSP_CONFIG_INVALID', /go together/],
    [[...qa, '--policy-url', model.url, '--tokenizer', dir], 'SSP_FILE_NOT_FOUND', /tokenizer/],
  ];
  for (const [args, code, message] of wrong) {
    await t.rejects(evaluated(...search, '--out', out, ...args), { code, message }, args.join(' '));
  }
  t.equal(model.calls.length, 0);
});
