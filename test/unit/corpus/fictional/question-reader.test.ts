import { test } from 'tap';

import { createQuestionReader } from '../../../../corpus/fictional/question-reader.ts';
import { makeQuestions } from '../../../../corpus/fictional/questions.ts';
import { createWorld } from '../../../../corpus/fictional/world.ts';

const world = createWorld({ seed: 1, entities: 2000 });
const reader = createQuestionReader(world);

test('every question of a world is read back to its answers', async (t) => {
  const questions = await makeQuestions(world, 1500);
  t.equal(questions.length, 1500);
  const wrong = questions.filter(
    ({ question, golden_answers: answers }) =>
      reader.answersTo(question).toSorted().join('|') !== answers.toSorted().join('|'),
  );
  t.same(wrong, []);
});

test('a question that the facts do not answer has no answer', (t) => {
  const [name] = world.namesOf(0);
  t.ok(reader.answersTo(`Where was ${name} born?`).length > 0);
  for (const question of [
    `Who was the captain of ${name}?`, // a person has no captain
    'Where was Nobody Known born?',
    `Where was the birth date of ${name} born?`,
    `Where was ${name} born`,
    '',
  ]) {
    t.same(reader.answersTo(question), [], question);
  }
  t.end();
});
