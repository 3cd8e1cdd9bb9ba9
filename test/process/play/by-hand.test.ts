import { join } from 'node:path';

import { test } from 'tap';

import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { testFolder } from '../../material/test-folder.ts';
import { typed } from './typed.ts';

const passages = [
  { id: '1', title: 'Ann Lee', text: 'Ann Lee is a painter who was born in Oxbow.' },
  { id: '2', title: 'Oxbow', text: 'Oxbow is a town that stands on the river Wend.' },
];
const asked = {
  id: 'q',
  question: 'On which river was Ann Lee born?',
  golden_answers: ['Wend', 'the Wend'],
};

test('by hand against a live search service', async (t) => {
  const folder = testFolder(t, {
    'questions.jsonl': JSON.stringify(asked),
    'seeds.jsonl': '{"ground_truth": "Wend", "search_turns": 2}',
    'short.yaml': 'game: { maxTurns: 2, minQuestionWords: 3 }',
  });
  const service = await serveIndex(await buildIndexOf(folder, passages));
  t.teardown(() => service.stop());
  const solver = [
    'play',
    '--role',
    'solver',
    '--questions',
    join(folder, 'questions.jsonl'),
    '--url',
    service.url,
  ];
  const proposer = [
    'play',
    '--role',
    'proposer',
    '--seeds',
    join(folder, 'seeds.jsonl'),
    '--url',
    service.url,
  ];

  t.test('a solver searches, answers and gets the reward', async (t) => {
    const { exitCode, stdout } = await typed(solver, [
      's Ann Lee painter',
      'what?',
      's  ',
      's Oxbow',
      'a wend!',
    ]);
    t.equal(exitCode, 0);
    t.match(stdout, /You are the solver\n +On which river was Ann Lee born\?/);
    t.match(stdout, /turn 1 of 10, 0 of 10 searches[^]*1\. Ann Lee\n +Ann Lee is a painter/);
    t.match(
      stdout,
      /turn 2 of 10, 1 of 10(?:[^]*Type a letter[^]*turn 2 of 10, 1 of 10){2}[^]*river Wend/,
    );
    t.match(stdout, /turn 3 of 10, 2 of 10[^]*Reward 1\.000\.\n +The answer: Wend = the Wend/);
    const wrong = await typed(solver, ['a Thames']);
    t.match(wrong.stdout, /Reward 0\.000\./);
  });

  t.test('the limits of the game hold', async (t) => {
    const config = ['--config', join(folder, 'short.yaml')];
    const { stdout } = await typed([...solver, ...config], ['s a', 's b', 's c']);
    t.match(stdout, /turn 2 of 2[^]*Turns or searches are used up\.[^]*Reward 0\.000/);
    t.notMatch(stdout, /turn 3/);
  });

  t.test("a proposer's question meets the rule filter", async (t) => {
    const question = 'q On which river does the town stand in which the painter Ann Lee was born?';
    const { stdout } = await typed(proposer, ['s Oxbow', 'a Wend', 's Ann Lee', question]);
    t.match(stdout, /that this answers and that needs 2 searches: Wend/);
    t.match(stdout, /Type a letter[^]*Accepted\./);
    const spoiled = await typed(proposer, [
      's Oxbow',
      's Ann Lee',
      'q Where does the river Wend of the town of Oxbow end at last?',
    ]);
    t.match(spoiled.stdout, /Rejected: answer-in-question\.\n +Reward 0\.000\./);
  });

  t.test('no more input ends it without a verdict, a dead service without a reward', async (t) => {
    const { exitCode, stdout } = await typed(solver, ['s Ann Lee']);
    t.equal(exitCode, 0);
    t.notMatch(stdout, /reward/i);
    await service.stop();
    const dead = await typed(solver, ['s Ann Lee']);
    t.match(dead.stdout, /The search failed[^]*No reward: left out \(search\)/);
  });
});
