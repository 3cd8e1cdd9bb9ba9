import fc from 'fast-check';
import { test } from 'tap';

import { cutText, snippetOf } from '../../../services/search/excerpt.ts';

const text =
  'Mr. Orlo founded it in 1284. The hall (built 1301) still stands! Does anybody visit? Few do.';

test('text is cut at a sentence, else at a word, else at a character', (t) => {
  t.strictSame(cutText('short', 5), { text: 'short', truncated: false });
  t.strictSame(cutText(text, 70), {
    text: 'Mr. Orlo founded it in 1284. The hall (built 1301) still stands!',
    truncated: true,
  });
  t.strictSame(cutText(text, 50), {
    text: 'Mr. Orlo founded it in 1284.',
    truncated: true,
  });
  t.strictSame(cutText(text, 24).text, 'Mr. Orlo founded it in');
  t.strictSame(cutText('one two', 3).text, 'one', 'a word that fits exactly stays whole');
  t.strictSame(cutText('abcdefgh', 3).text, 'abc');
  t.strictSame(cutText('ab\u{1F600}cd', 3).text, 'ab', 'no half characters');
  t.end();
});

test('a snippet is the run of sentences with most of the query in it', (t) => {
  t.equal(
    snippetOf(text, 'who visits the hall built 1301', 40),
    'The hall (built 1301) still stands!',
  );
  t.equal(snippetOf(text, 'xyzzy', 30), 'Mr. Orlo founded it in 1284.');
  t.equal(snippetOf('short text', 'text', 30), 'short text');
  t.equal(snippetOf('', 'text', 30), '');
  t.end();
});

test('no excerpt is longer than asked or says anything else', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ maxLength: 20 }),
      fc.integer({ min: 20, max: 60 }),
      (whole, query, maxChars) => {
        const cut = cutText(whole, maxChars);
        const snippet = snippetOf(whole, query, maxChars);
        return (
          cut.text.length <= maxChars &&
          whole.startsWith(cut.text) &&
          cut.truncated === whole.length > maxChars &&
          snippet.length <= maxChars &&
          whole.includes(snippet)
        );
      },
    ),
  );
  t.end();
});
