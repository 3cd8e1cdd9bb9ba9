import { test } from 'tap';

import { EvaluationAnswers } from '../../../src/seeds/evaluation-answers.ts';
import { OverlapTally, questionOverlap } from '../../../src/seeds/overlap-tally.ts';
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

test('questions overlap by eight words in a row, or where a shorter one is the same', (t) => {
  const overlap = questionOverlap(sets);
  const places = (question: string) => overlap(question).map(({ set, id }) => `${set} ${id}`);
  // Without articles nq_0 has 8 words; seven of them stand in p_1.
  t.strictSame(overlap('I ask: When was last time, anyone was on the Moon? Please say.'), [
    { set: 'nq', id: 'nq_0', question: 'when was the last time anyone was on the moon' },
  ]);
  t.strictSame(places('Please tell me when was the last time anyone was on Mars'), ['popqa p_1']);
  t.strictSame(places('Some say that was the last time anyone was on the moon'), []);
  t.strictSame(places('Say, please: when was the last time anyone was on the moon?'), ['nq nq_0']);
  t.strictSame(places('Who sang it?'), ['nq nq_1']);
  t.strictSame(places('And who sang it?'), []);
  t.strictSame(places('?'), []);
  const [nq, popqa] = sets;
  const twice = [nq, { name: 'copy', questions: nq?.questions ?? [] }, popqa];
  const inBoth = questionOverlap(twice.flatMap((set) => set ?? []))('Who sang it?');
  t.strictSame(
    inBoth.map(({ set }) => set),
    ['nq', 'copy'],
    'the first of each set',
  );
  t.strictSame(questionOverlap([])('who sang it'), []);
  const same = ['?!', 'Who sang?', 'who sang'].map((question, i) => ({
    ...{ id: `o_${i}`, question, goldAnswers: ['x'] },
  }));
  const odd = questionOverlap([{ name: 'odd', questions: same }]);
  t.match(odd('who sang'), [{ id: 'o_1' }], 'the first in the set');
  t.strictSame(odd('?'), [], 'no words are no overlap');
  t.end();
});

test('a run’s questions are counted for each set, with the first examples', (t) => {
  const tally = new OverlapTally(sets);
  const add = (index: number, question: string, answers: string[]) => {
    tally.add({ step: 2, index, question, answers });
  };
  add(0, 'Who sang it?', ['The Beatles']);
  add(1, 'who sang it', ['x']);
  add(2, 'Who is that?', ['never']);
  add(3, 'Who sang it?', ['y']);
  t.strictSame(tally.counted(), {
    accepted: 4,
    sets: [
      {
        ...{ set: 'nq', questions: 3, answers: 1 },
        examples: [
          {
            ...{ step: 2, index: 0, question: 'Who sang it?' },
            evaluated: { id: 'nq_1', question: 'who sang it' },
          },
          {
            ...{ step: 2, index: 1, question: 'who sang it' },
            evaluated: { id: 'nq_1', question: 'who sang it' },
          },
        ],
      },
      { set: 'popqa', questions: 0, answers: 2, examples: [] },
    ],
    any: { questions: 3, answers: 2 },
  });
  for (let i = 0; i < 9; i += 1) add(i, `Who sang it?${'!'.repeat(i)}`, ['z']);
  t.match(tally.counted().sets[0], { questions: 12, examples: { length: 5 } });
  const [nq] = sets;
  const twice = new OverlapTally(nq === undefined ? [] : [nq, { ...nq, name: 'copy' }]);
  twice.add({ step: 1, index: 0, question: 'Who sang it?', answers: ['The Beatles'] });
  t.match(twice.counted().any, { questions: 1, answers: 1 }, 'in two sets, yet one question');
  t.strictSame(new OverlapTally([]).counted(), {
    ...{ accepted: 0, sets: [], any: { questions: 0, answers: 0 } },
  });
  t.end();
});

test('answers without a word are not the same answer', (t) => {
  const question = { id: 'q', question: 'who?', goldAnswers: ['The The', '!!!'] };
  const evaluated = new EvaluationAnswers([{ name: 'odd', questions: [question] }]);
  t.strictSame(evaluated.setsWith(['?', 'a', 'The The']), []);
  t.end();
});
