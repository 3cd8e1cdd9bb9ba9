import { test } from 'tap';

import { parseArticle } from '../../../corpus/article.ts';
import type { TextPart } from '../../../corpus/passage-blocks.ts';

function parts(text: string, tables = true): readonly TextPart[] {
  const site = { title: 'Page', language: 'en', linkPrefixes: '' };
  const source = { ...site, fileNames: [], categoryNames: [], text };
  const article = parseArticle(source, { infoboxes: true, tables });
  return article.kind === 'redirect' ? [] : article.parts;
}
const lead = (text: string, tables = true): string => parts(text, tables)[0]?.text ?? '';

test('what stands in a table before its first cell shows', (t) => {
  t.equal(lead('A.\n{| class="x"\nB 1.\n|-\nC 2.\n| D || 3\n|}\nE.'), 'A. B 1. C 2. D; 3. E.');
  t.equal(lead('A.\n{|\nB 1.\n|}\nE.'), 'A. B 1. E.');
  t.equal(lead('A.\n{|\nB 1.\n|-\n| D || 3\n|}\nE.', false), 'A. B 1. E.');
  t.end();
});

test('a table that does not end takes nothing with it', (t) => {
  const rest = 'Lead 1.\n\n== Next ==\nText 2.';
  const whole = [
    { section: '', text: 'Lead 1.' },
    { section: 'Next', text: 'Text 2.' },
  ];
  t.strictSame(parts(`{|\n${rest}`), whole);
  t.strictSame(parts(`{| class="x"\n| A || 3\nmore\n\n${rest}`), [
    { section: '', text: 'A; 3 more. Lead 1.' },
    whole[1],
  ]);
  t.strictSame(parts(`{|\n| A || 3\n{{Table end}}\n\n${rest}`), [
    { section: '', text: 'A; 3. Lead 1.' },
    whole[1],
  ]);
  t.strictSame(parts(`{|\n| A || 3\n\n${rest}`, false), whole);
  t.strictSame(parts(`${rest}\n{|\n| A\n== Last ==\n| B || 4\n|}\nEnd 5.`), [
    { section: '', text: 'Lead 1.' },
    { section: 'Next', text: 'Text 2. A.' },
    { section: 'Last', text: 'B; 4. End 5.' },
  ]);
  // An outer table without an end, and one inside it that has one.
  t.equal(lead('{|\n| A\n{|\n| B || 4\n|}\n\nText 2.'), 'A. B; 4. Text 2.');
  t.end();
});

test('a table written with templates for its bars', (t) => {
  t.equal(
    lead('{{(!}} class="x"\n{{!}} A {{!!}} 3\n{{!-}}\n{{!}} B\n{{!)}}\nEnd.'),
    'A; 3. B. End.',
  );
  t.equal(lead('{|\n! Year !! Name\n|-\n| 1066 || Harold\n|}'), 'Year: 1066; Name: Harold.');
  t.end();
});

test('a table that a template begins, and attributes whose bar stood in one', (t) => {
  const rows = '! Year\n! Number\n|-----\n| 1999 || align="right" | 3 386\n|-\n| 2000 || 7';
  t.equal(lead(`A.\n${rows}\n\nB.`), 'A. Year: 1999; Number: 3 386. Year: 2000; Number: 7. B.');
  t.equal(lead('! no heading\nB.'), '! no heading B.');
  t.equal(lead('{|\n| rowspan="2" {{N/A}} || 5\n|-\n| 6\n|}'), 'N/A; 5. N/A; 6.');
  t.end();
});
