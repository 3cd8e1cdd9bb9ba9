import fc from 'fast-check';
import { test } from 'tap';

import {
  cutText,
  queryWords,
  snippetOf as snippetOfWords,
} from '../../../services/search/excerpt.ts';
import { naiveCut, naiveSnippet } from './naive-excerpt.ts';

function snippetOf(whole: string, query: string, maxChars: number): string {
  return snippetOfWords(whole, queryWords(query), maxChars);
}

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

/** Texts of sentences, with what may stand in and between them; now and then a long word. */
const prose = fc
  .array(
    fc.oneof(
      fc.constantFrom('river', 'Castle', 'comet', 'the', 'of', 'ž', 'İ', '東京', '1284', "O'Brien"),
      fc.constantFrom(
        'river.',
        'castle!',
        'why?',
        'end.”',
        '(see)',
        'one.)',
        '"Mr.',
        'U.S.',
        '3.14',
      ),
      fc.constantFrom(
        '...',
        '.',
        '?!',
        '"',
        '”',
        '終わり。',
        '。',
        '\u{1F600}',
        'river-castle',
        '—',
      ),
      fc.constantFrom('x'.repeat(30), `comet${'\u{1F600}'.repeat(9)}`, 'river'.repeat(7)),
    ),
    { maxLength: 60 },
  )
  .chain((words) =>
    fc
      .array(fc.constantFrom(' ', ' ', ' ', '\n', '  ', '\u00A0', ''), {
        minLength: words.length,
        maxLength: words.length,
      })
      .map((spaces) => words.map((word, i) => `${word}${spaces[i] ?? ''}`).join('')),
  );

test('excerpts are those of the naive search for them', (t) => {
  const query = fc.constantFrom(
    'river castle',
    'comet',
    'the river of 3 14',
    'i ž 東京',
    '',
    'zzz',
  );
  fc.assert(
    fc.property(
      prose,
      query,
      fc.integer({ min: 1, max: 90 }),
      (whole, asked, maxChars) =>
        cutText(whole, maxChars).text === naiveCut(whole, maxChars) &&
        snippetOf(whole, asked, maxChars) === naiveSnippet(whole, asked, maxChars),
    ),
    { numRuns: 1500 },
  );
  t.end();
});

test('of a very long text the beginning is looked at, and nothing takes time by its square', (t) => {
  const filler = 'Nothing of it here. '.repeat(4_000);
  const early = snippetOf(`${filler}A castle on a river. ${filler}`, 'river castle', 60);
  t.match(early, /A castle on a river\.$/);
  const late = snippetOf(`${filler}${filler}A castle on a river.`, 'river castle', 60);
  t.match(late, /^Nothing of it here\./);
  const heavy = [
    ...['a. '.repeat(700_000), 'x'.repeat(2_000_000), ' '.repeat(2_000_000), '.'.repeat(2_000_000)],
    ...[`.${'"'.repeat(2_000_000)}x`, ".' ".repeat(700_000), 'river '.repeat(300_000)],
    ...['word '.repeat(400_000), `${'a. '.repeat(40)}${'b'.repeat(290)} `.repeat(5_000)],
  ];
  for (const whole of heavy) {
    const snippet = snippetOf(whole, 'river a b x', 300);
    t.ok(snippet.length <= 300);
    t.ok(whole.includes(snippet));
    t.ok(cutText(whole, whole.length - 1).text.length < whole.length);
  }
  t.end();
});
