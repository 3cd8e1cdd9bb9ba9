import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { test } from 'tap';

import { generateEncyclopedia } from '../../../../corpus/fictional/generate.ts';
import { checkQuestion, openQuestionCheck } from '../../../../corpus/fictional/question-check.ts';
import { createQuestionReader } from '../../../../corpus/fictional/question-reader.ts';
import { makeQuestions } from '../../../../corpus/fictional/questions.ts';
import { createWorld } from '../../../../corpus/fictional/world.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { arbitraryWorld } from './arbitrary-world.ts';

test('in any world, every question is true with its hops, and false with another answer', async () => {
  const property = fc.asyncProperty(arbitraryWorld, async (world) => {
    const reader = createQuestionReader(world);
    for (const { question, golden_answers: answers, hops } of await makeQuestions(world, 90)) {
      const other = [...world.namesOf(0), ...world.namesOf(1)].find(
        (name) => !answers.includes(name),
      );
      const checks = [
        ...answers.map((answer) => checkQuestion(reader, question, [answer])),
        checkQuestion(reader, question, [other ?? '']),
      ];
      const expected = [...answers.map(() => 'true'), 'false'];
      if (!checks.every(({ truth, hops: read }, at) => truth === expected[at] && read === hops)) {
        throw new Error(`${question} ${JSON.stringify({ answers, other, checks })}`);
      }
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

test('by hand: names, second names, kinds, long chains, several answers, none', (t) => {
  const world = createWorld({ seed: 1, entities: 2000 });
  const reader = createQuestionReader(world);
  const check = (question: string, ...answers: string[]): string => {
    const { truth, hops } = checkQuestion(reader, question, answers);
    return hops === undefined ? truth : `${truth} ${hops}`;
  };
  // From facts.jsonl of this world: Soama Lielund was born in Glerim Ponarg on 25 May 1814.
  t.equal(check('Where was Soama Lielund born?', 'Glerim Ponarg'), 'true 1');
  t.equal(check('Where was Soama Lielund born?', 'glerim ponarg '), 'true 1');
  t.equal(check('Where was Soama Lielund born?', 'Glerim'), 'false 1');
  t.equal(check('Where  was Soama Lielund\n born? ', 'Glerim Ponarg'), 'true 1');
  t.equal(check('When was Soama Lielund born?', 'May 25, 1814'), 'true 1');
  t.equal(check('Where was Soama Lielunt born?', 'Glerim Ponarg'), 'unreadable');
  t.equal(check('Where did Soama Lielund live?', 'Glerim Ponarg'), 'unreadable');
  t.equal(check('', 'Glerim Ponarg'), 'unreadable');
  t.equal(check('Who is the mayor of Soama Lielund?', 'Glerim Ponarg'), 'false 1');
  // Glurnen Haivosk, also Quauski Dibimp, taught Zalkey Daimend and wrote Quiedel Plebank.
  t.equal(check('Who taught Zalkey Daimend?', 'Quauski Dibimp'), 'true 1');
  t.equal(check('Where was Quauski Dibimp born?', 'Janul Folalm'), 'true 1');
  t.equal(check('Where was the person who taught Zalkey Daimend born?', 'Janul Folalm'), 'true 2');
  t.equal(check('Where was the author of the novel Quiedel Plebank born?', 'x'), 'false 2');
  t.equal(check('Where was the author of the ship Quiedel Plebank born?', 'x'), 'unreadable');
  t.equal(
    check(
      'When was the author of the novel that the teacher of Zalkey Daimend wrote born?',
      '28 November 1782',
    ),
    'true 4',
  );
  // Zeiski Hiebuth wrote four novels, so that none is the answer.
  const novels = reader.answersTo('Which novel did Zeiski Hiebuth write?');
  t.equal(novels.length, 4);
  t.equal(check('Which novel did Zeiski Hiebuth write?', novels[0] ?? ''), 'false 1');
  t.equal(check('Who wrote the novel written by Zeiski Hiebuth?', 'Zeiski Hiebuth'), 'true 2');
  t.end();
});

test('facts are opened with their world, and refused where they are not its own', async (t) => {
  const out = t.testdir();
  await generateEncyclopedia({
    ...{ seed: 5, entities: 60, questions: 30, out, force: false },
    ...{ signal: new AbortController().signal, progress: silentProgress },
  });
  const path = join(out, 'facts.jsonl');
  const check = await openQuestionCheck(path);
  const world = createWorld({ seed: 5, entities: 60 });
  for (const { question, golden_answers: answers, hops } of await makeQuestions(world, 30)) {
    t.strictSame(check(question, answers), { truth: 'true', hops });
  }
  appendFileSync(path, '{}\n');
  await t.rejects(openQuestionCheck(path), { code: 'SSP_FILE_INVALID', message: /world\.json/ });
  await t.rejects(openQuestionCheck(join(out, 'none.jsonl')), { code: 'SSP_FILE_NOT_FOUND' });
  await t.rejects(openQuestionCheck(join(t.testdirName, 'x/facts.jsonl')), {
    code: 'SSP_FILE_NOT_FOUND',
  });
});
