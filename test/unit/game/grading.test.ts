import { test } from 'tap';

import { grade, needsJudge } from '../../../src/game/grading.ts';

test('the match decides first, then the judge where one was asked', (t) => {
  t.equal(grade('The Riga', ['Oslo', 'riga']), 'correct');
  t.equal(grade('Riga', ['riga'], 'incorrect'), 'correct', 'a match needs no judge');
  t.equal(grade('Riga', ['riga'], 'failed'), 'correct');
  t.equal(grade('capital of Latvia', ['Riga']), 'incorrect');
  t.equal(grade('capital of Latvia', ['Riga'], 'correct'), 'correct');
  t.equal(grade('capital of Latvia', ['Riga'], 'incorrect'), 'incorrect');
  t.equal(grade('capital of Latvia', ['Riga'], 'failed'), 'failed', 'an outage is no verdict');
  t.equal(grade(undefined, ['Riga'], 'correct'), 'incorrect', 'there was nothing to judge');
  t.end();
});

test('a judge is needed only for an answer that does not match', (t) => {
  t.ok(needsJudge('capital of Latvia', ['Riga']));
  t.notOk(needsJudge('riga.', ['Riga']));
  t.notOk(needsJudge(undefined, ['Riga']));
  t.end();
});

test('an answer without a word is wrong, and no judge is asked about it', (t) => {
  for (const answer of ['?', 'the', '', '!!!']) {
    t.notOk(needsJudge(answer, ['A', 'Riga']), answer);
    t.equal(grade(answer, ['A', 'Riga']), 'incorrect', answer);
    t.equal(grade(answer, ['A', 'Riga'], 'correct'), 'incorrect', answer);
    t.equal(grade(answer, ['A', 'Riga'], 'failed'), 'incorrect', answer);
  }
  t.ok(needsJudge('The band The The', ['The The']), 'words may still be judged');
  t.end();
});
