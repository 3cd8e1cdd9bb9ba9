import { test } from 'tap';

import { EvaluationAnswers } from '../../src/seeds/evaluation-answers.ts';
import { questionOverlap } from '../../src/seeds/question-overlap.ts';

const sets = [
  {
    name: 'nq',
    questions: [
      {
        id: 'nq_0',
        question: 'when was the last time anyone was on the moon',
        goldAnswers: ['14 December 1972', 'December 1972'],
      },
      { id: 'nq_1', question: 'who sang it', goldAnswers: ['The Beatles'] },
    ],
  },
  {
    name: 'popqa',
    questions: [
      { id: 'p_0', question: 'Who, as of now, sang it?', goldAnswers: ['beatles'] },
      {
        id: 'p_1',
        question: 'Tell me: when was the last time anyone was on Mars?',
        goldAnswers: ['never'],
      },
    ],
  },
];

test('answers are compared normalised, in every form, and counted for each set', (t) => {
  const evaluated = new EvaluationAnswers(sets);
  t.strictSame(evaluated.setsWith(['a Beatles!']), ['nq', 'popqa']);
  t.strictSame(evaluated.setsWith(['December 14, 1972', '14 december 1972']), ['nq']);
  t.strictSame(evaluated.setsWith(['Beatle', '1972']), []);
  const seeds = [
    { answers: ['Beatles'] },
    { answers: ['Never'] },
    { answers: ['x', 'December 1972'] },
    { answers: ['y'] },
  ];
  t.strictSame(evaluated.countOverlap(seeds), { bySet: { nq: 2, popqa: 2 }, any: 3 });
  t.strictSame(new EvaluationAnswers([]).countOverlap(seeds), { bySet: {}, any: 0 });
  t.end();
});

test('questions overlap by eight words in a row, or by all of a shorter one', (t) => {
  const overlap = questionOverlap(sets);
  // Without articles nq_0 has 8 words; seven of them stand in p_1.
  t.strictSame(overlap('I ask: When was last time, anyone was on the Moon? Please say.'), {
    set: 'nq',
    id: 'nq_0',
  });
  t.strictSame(overlap('Please tell me when was the last time anyone was on Mars'), {
    set: 'popqa',
    id: 'p_1',
  });
  t.equal(overlap('Some say that was the last time anyone was on the moon'), undefined);
  t.strictSame(overlap('Who sang it?'), { set: 'nq', id: 'nq_1' });
  t.equal(overlap('And who sang it?'), undefined);
  t.equal(overlap('?'), undefined);
  t.equal(questionOverlap([])('who sang it'), undefined);
  t.end();
});
