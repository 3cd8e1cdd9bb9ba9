import fc from 'fast-check';
import { test } from 'tap';

import { isContainmentMatch } from '../../../src/game/containment.ts';

test('an answer that contains a true one, or is in it where that counts', (t) => {
  const cases: [answer: string, gold: string, contains: boolean, either: boolean][] = [
    ['Kitzbühel', 'Kitzbühel Alps', false, true],
    ['the city of Riga, Latvia', 'Riga', true, true],
    ['14 December 1972 UTC', 'December 1972', true, true],
    ['Riga', 'riga.', false, false],
    ['Rigas', 'Riga', false, false],
    ['Riga', 'Rigas', false, false],
    ['New Jersey York', 'New York', false, false],
    ['one of', 'Statute of One of Kent', false, false],
    ['of the', 'King of the Hill', false, false],
    ['', 'Riga', false, false],
    ['?', 'Riga', false, false],
    ['Oslo', 'Riga', false, false],
  ];
  for (const [answer, gold, contains, either] of cases) {
    t.equal(isContainmentMatch(answer, [gold], 'off'), false);
    t.equal(isContainmentMatch(answer, [gold], 'contains'), contains, `${answer} | ${gold}`);
    t.equal(isContainmentMatch(answer, [gold], 'either'), either, `${answer} | ${gold}`);
  }
  t.end();
});

test('each form of the answer counts, and a match is no near miss', (t) => {
  t.ok(isContainmentMatch('old Riga', ['Oslo', 'Riga'], 'contains'));
  t.notOk(isContainmentMatch('Riga', ['Riga', 'old Riga'], 'either'), 'it matches');
  t.notOk(isContainmentMatch('Riga', [], 'either'));
  t.end();
});

test('whatever the words: what contains one way is contained the other way', (t) => {
  const words = fc.array(fc.constantFrom('old', 'Riga', 'the', 'of', 'Oslo'), { maxLength: 5 });
  const phrase = words.map((list) => list.join(' '));
  fc.assert(
    fc.property(phrase, phrase, (one, other) => {
      const held = [
        isContainmentMatch(one, [other], 'contains'),
        isContainmentMatch(other, [one], 'contains'),
      ];
      return (
        isContainmentMatch(one, [other], 'either') === held.includes(true) && !held.every(Boolean)
      );
    }),
  );
  t.end();
});
