import fc from 'fast-check';
import { test } from 'tap';

import { normalizeAnswer } from '../../../src/game/answer-score.ts';
import { PhraseFinder } from '../../../src/seeds/phrase-finder.ts';

test('finds what a search for each phrase between spaces finds', (t) => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'C.', 'the', 'b,'), { maxLength: 12 });
  const phrases = fc.array(text, { maxLength: 12 });
  const property = fc.property(phrases, text, (all, words) => {
    const finder = new PhraseFinder<number>();
    for (const [at, phrase] of all.entries()) finder.add(phrase.join(' '), at);
    const padded = ` ${normalizeAnswer(words.join(' '))} `;
    const naive = all.flatMap((phrase, at) => {
      const plain = normalizeAnswer(phrase.join(' '));
      return plain !== '' && padded.includes(` ${plain} `) ? [at] : [];
    });
    const found = [...finder.ownersIn(words.join(' '))].sort((a, b) => a - b);
    return JSON.stringify(found) === JSON.stringify(naive);
  });
  fc.assert(property, { numRuns: 1000 });
  t.end();
});

test('an owner of several phrases is given once', (t) => {
  const finder = new PhraseFinder<string>();
  finder.add('Mark Twain', 'author');
  finder.add('Samuel Clemens', 'author');
  finder.add('Mark', 'name');
  const found = finder.ownersIn('Samuel Clemens wrote as Mark Twain; Mark, Twain!');
  t.strictSame([...found].sort(), ['author', 'name']);
  t.strictSame([...finder.ownersIn('Marks Twain')], []);
  t.end();
});
