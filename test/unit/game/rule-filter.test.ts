import { test } from 'tap';

import type { RuleFilterOptions } from '../../../src/game/rule-filter.ts';
import { countVerdicts, filterQuestion, filterReasons } from '../../../src/game/rule-filter.ts';
import type { EpisodeRecord } from '../../../src/types/episode.ts';
import { proposal } from './episodes.ts';

/** The values of the released code. */
const options: RuleFilterOptions = {
  minCharacters: 10,
  maxCharacters: 1000,
  minWords: 10,
  minSearches: 2,
  rejectsAnswerInQuery: false,
  needsContentWord: false,
};
const good = 'Which city is the capital of the country north of Lithuania?';
const searches = { 'Riga capital': ['a', 'b'], 'north of Lithuania': ['c'] };
const asked = (text: string, made: Record<string, string[]> = searches): EpisodeRecord =>
  proposal({ kind: 'answered', text }, made);

test('a good question is accepted', (t) => {
  t.same(filterQuestion(asked(good), ['Riga'], options), { kind: 'accepted', question: good });
  const last = proposal({ kind: 'answered', text: good }, { x: [], y: ['a'] });
  t.equal(filterQuestion(last, ['Riga'], options).kind, 'accepted', 'one search may find nothing');
  t.end();
});

test('each reason at its border', (t) => {
  const words = (count: number): string => Array.from({ length: count }, () => 'wo').join(' ');
  const { steps } = asked(good);
  const repeated = { ...asked(good), steps: [...steps, ...steps] };
  const cases: [EpisodeRecord, string][] = [
    [proposal({ kind: 'no-answer', reason: 'no-tag' }, searches), 'no-question'],
    [proposal({ kind: 'turn-limit' }, searches), 'no-question'],
    [proposal({ kind: 'length-limit' }, searches), 'no-question'],
    [asked('123456789'), 'too-few-characters'],
    [asked('1234567890'), 'too-few-words'],
    [asked('😀'.repeat(9)), 'too-few-characters'],
    [asked(words(9)), 'too-few-words'],
    [asked(words(10)), 'accepted'],
    [asked(`${words(10)} ${'x'.repeat(971)}`), 'too-many-characters'],
    [asked(`${words(10)} ${'x'.repeat(970)}`), 'accepted'],
    [asked(`${words(10)} ${'😀'.repeat(970)}`), 'accepted'],
    [asked(`${good} Not rIGa?`), 'answer-in-question'],
    [asked(`${good} Not Rigaer?`), 'answer-in-question'],
    [asked(good, { x: [], y: [] }), 'no-material'],
    [asked(good, {}), 'no-material'],
    [asked(good, { x: ['a'] }), 'too-few-searches'],
    [repeated, 'repeated-query'],
  ];
  for (const [record, expected] of cases) {
    const verdict = filterQuestion(record, ['Riga'], options);
    t.equal(verdict.kind === 'rejected' ? verdict.reason : verdict.kind, expected);
  }
  t.end();
});

test('a form without a word is in nearly every question and tells nothing', (t) => {
  for (const form of ['?', 'a', 'The']) {
    t.equal(filterQuestion(asked(good), [form, 'Riga'], options).kind, 'accepted', form);
    t.equal(filterQuestion(asked(good), [form], options).kind, 'accepted', form);
    const named = filterQuestion(asked(`${good} Not Riga?`), [form, 'Riga'], options);
    t.match(named, { reason: 'answer-in-question' });
  }
  t.end();
});

test('the answer in a query is rejected where that is wanted', (t) => {
  const strict = { ...options, rejectsAnswerInQuery: true };
  const rejected = { kind: 'rejected', reason: 'answer-in-query' };
  t.same(filterQuestion(asked(good), ['riga'], strict), rejected);
  t.equal(filterQuestion(asked(good), ['Oslo'], strict).kind, 'accepted');
  t.end();
});

test('a question without a content word of what was found is rejected where that is wanted', (t) => {
  const strict = { ...options, needsContentWord: true };
  const rejected = { kind: 'rejected', reason: 'no-content-word' };
  const found = { 'Riga capital': ['a', 'Lithuania'], 'north of Lithuania': ['c'] };
  t.equal(filterQuestion(asked(good, found), ['Riga'], strict).kind, 'accepted', 'in a title');
  const empty = 'What is the name of the one that it was for them?';
  t.same(filterQuestion(asked(good), ['Riga'], strict), rejected, 'material of other things');
  t.same(filterQuestion(asked(empty, found), ['Riga'], strict), rejected, 'function words only');
  t.equal(filterQuestion(asked(empty, found), ['Riga'], options).kind, 'accepted');
  t.end();
});

test('each form of the answer counts; a ground truth without any is an error', (t) => {
  const found = { kind: 'rejected', reason: 'answer-in-question' };
  t.same(filterQuestion(asked(good), ['Riga', ' LITHUANIA '], options), found);
  t.throws(() => filterQuestion(asked(good), [], options), RangeError);
  t.throws(() => filterQuestion(asked(good), ['Riga', ' '], options), RangeError);
  t.end();
});

test('of several reasons the first in the list is given', (t) => {
  const strict = { ...options, rejectsAnswerInQuery: true };
  // Repairs the first fault of a proposal that has all of them, one after the other.
  const stages: [EpisodeRecord, Partial<RuleFilterOptions>][] = [
    [proposal({ kind: 'turn-limit' }, {}), {}],
    [asked('Riga', {}), { maxCharacters: 3 }],
    [asked('Riga', {}), { minCharacters: 1, maxCharacters: 3 }],
    [asked('Riga', {}), { minCharacters: 1 }],
    [asked(`${good} Riga`, {}), {}],
    [asked(good, {}), {}],
    [asked(good, { Riga: ['a'] }), {}],
  ];
  const reasons = stages.map(([record, changes]) => {
    const verdict = filterQuestion(record, ['Riga'], { ...strict, ...changes });
    return verdict.kind === 'rejected' && verdict.reason;
  });
  t.strictSame(reasons, filterReasons.slice(0, 7));
  const { steps } = asked(good, { Riga: ['a'] });
  const repeated = { ...asked(good), steps: [...steps, ...steps] };
  t.match(filterQuestion(repeated, ['Riga'], strict), { reason: 'repeated-query' });
  const named = asked(good, { Riga: ['a'], Oslo: ['b'] });
  const last = { ...strict, needsContentWord: true };
  t.match(filterQuestion(named, ['Riga'], last), { reason: 'answer-in-query' });
  t.end();
});

test('a failed episode is not judged; the counts add up', (t) => {
  const failed = proposal({ kind: 'failed', failure: 'search' }, {});
  const verdicts = [failed, asked(good), asked('x'), asked('y')].map((record) =>
    filterQuestion(record, ['Riga'], options),
  );
  t.same(verdicts[0], { kind: 'failed', failure: 'search' });
  const counts = countVerdicts(verdicts);
  t.match(counts, { failed: 1, accepted: 1, 'too-few-characters': 2, 'no-material': 0 });
  t.same(Object.keys(counts), ['accepted', 'failed', ...filterReasons]);
  t.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    verdicts.length,
  );
  t.end();
});
