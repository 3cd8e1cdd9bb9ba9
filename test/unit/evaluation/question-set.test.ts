import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { test } from 'tap';

import {
  drawQuestions,
  isUnanswerable,
  readQuestionSet,
  unanswerableNote,
} from '../../../src/evaluation/question-set.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';

const good = { id: 'q0', question: 'Where?', golden_answers: ['there', 'here'] };

function lines(...values: readonly unknown[]): string {
  return values
    .map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
    .join('');
}

const invalid: readonly [string, unknown, RegExp][] = [
  ['half a line', '{"id": "q1", "quest', /not JSON/],
  ['a number', 7, /object/],
  ['no id', { ...good, id: undefined }, /id: /],
  ['no question', { ...good, id: 'q1', question: undefined }, /question: /],
  ['an empty question', { ...good, id: 'q1', question: ' ' }, /question: is empty/],
  ['no answers', { ...good, id: 'q1', golden_answers: undefined }, /golden_answers: /],
  ['an empty list', { ...good, id: 'q1', golden_answers: [] }, /golden_answers: holds no answer/],
  [
    'empty answers alone',
    { ...good, id: 'q1', golden_answers: ['', ' '] },
    /golden_answers: holds no answer/,
  ],
  ['a list of lists', { ...good, id: 'q1', golden_answers: [['x']] }, /golden_answers.0: /],
  ['a text for a list', { ...good, id: 'q1', golden_answers: 'x' }, /golden_answers: /],
  ['half a hop', { ...good, id: 'q1', hops: 1.5 }, /hops: /],
  ['an id again', good, /the id q0 stands on line 1 already/],
];

test('a set as it is written, gzipped or not', async (t) => {
  const text = lines({ ...good, metadata: { type: 'x' }, hops: 2 }, '', {
    id: 7,
    question: ' When? ',
    golden_answers: ['1284', ' '],
  });
  const folder = t.testdir({ 'a.jsonl': text, 'b.jsonl.gz': gzipSync(text) });
  const set = await readQuestionSet(join(folder, 'a.jsonl'));
  t.same(set.questions, [
    { id: 'q0', question: 'Where?', goldAnswers: ['there', 'here'], hops: 2 },
    { id: '7', question: 'When?', goldAnswers: ['1284'] },
  ]);
  t.same(await readQuestionSet(join(folder, 'b.jsonl.gz')), set, 'hash included');
});

test('questions that no answer matches are told of, not refused: benchmarks have some', async (t) => {
  const golds = [['The The'], ['!!!', '?'], ['A', 'alpha'], ['Riga']];
  const text = lines(
    ...golds.map((golden_answers, i) => ({ ...good, id: `q${i}`, golden_answers })),
  );
  const { questions } = await readQuestionSet(join(t.testdir({ 'a.jsonl': text }), 'a.jsonl'));
  t.same(
    questions.filter(isUnanswerable).map(({ id }) => id),
    ['q0', 'q1'],
  );
  t.match(
    unanswerableNote('nq', questions),
    /^2 of 4 questions of nq have no golden answer with a/,
  );
  t.equal(unanswerableNote('nq', questions.slice(2)), undefined);
});

test('a bad line is named with file and line', async (t) => {
  for (const [name, line, problem] of invalid) {
    const folder = t.testdir({ 'bad.jsonl': lines(good, '', line) });
    const path = join(folder, 'bad.jsonl');
    await t.rejects(
      readQuestionSet(path),
      { code: 'SSP_QUESTIONS_INVALID', details: { path, line: 3, problem } },
      name,
    );
  }
});

test('no file, no questions, no gzip, no text', async (t) => {
  const folder = t.testdir({
    'empty.jsonl': '\n',
    'cut.jsonl.gz': gzipSync(lines(good)).subarray(0, 30),
    'latin.jsonl': Buffer.from('{"id": "\xe9"}', 'latin1'),
  });
  const codes: readonly [string, string][] = [
    ['none.jsonl', 'SSP_FILE_NOT_FOUND'],
    ['empty.jsonl', 'SSP_INPUT_EMPTY'],
    ['cut.jsonl.gz', 'SSP_FILE_UNREADABLE'],
    ['latin.jsonl', 'SSP_FILE_UNREADABLE'],
    ['.', 'SSP_FILE_UNREADABLE'],
  ];
  for (const [name, code] of codes) {
    await t.rejects(readQuestionSet(join(folder, name)), { code }, name);
  }
});

test('questions are drawn by the seed, in their order, none twice', (t) => {
  const all = Array.from({ length: 100 }, (_, i) => ({
    ...{ id: String(i), question: 'x', goldAnswers: ['y'] },
  }));
  const drawn = drawQuestions(all, 30, 1);
  const ids = drawn.map(({ id }) => Number(id));
  t.equal(new Set(ids).size, 30);
  t.same(
    ids,
    ids.toSorted((a, b) => a - b),
  );
  t.same(drawQuestions(all, 30, 1), drawn);
  t.notSame(drawQuestions(all, 30, 2), drawn);
  t.same(drawQuestions(all, 100, 1), all);
  t.same(drawQuestions(all, 500, 1), all, 'all where there are fewer');
  const often = Array.from({ length: 400 }, (_, seed) => drawQuestions(all, 30, seed)).flat();
  const first = often.filter(({ id }) => Number(id) < 50).length / often.length;
  t.ok(Math.abs(first - 0.5) < 0.03, 'each question as often as any other');
  t.end();
});

const counts = {
  'nq.jsonl': 3610,
  'triviaqa.jsonl.gz': 11_313,
  'popqa.jsonl': 1000,
  'hotpotqa.jsonl.gz': 7405,
  '2wikimultihopqa.jsonl.gz': 12_576,
  'musique.jsonl': 2417,
  'bamboogle.jsonl': 125,
};

const skip = missingShared('qa');

test('the seven public benchmarks', { skip }, async (t) => {
  for (const [file, count] of Object.entries(counts)) {
    const { questions } = await readQuestionSet(sharedFile(`qa/${file}`));
    t.equal(questions.length, count, file);
  }
});
