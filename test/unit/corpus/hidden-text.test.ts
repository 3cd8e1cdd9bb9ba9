import { test } from 'tap';

import { parseArticle } from '../../../corpus/article.ts';
import { removeHidden } from '../../../corpus/wikitext/hidden-text.ts';

test('what a style or a class hides is no text', (t) => {
  const cases: readonly [string, string][] = [
    ['<span style="display:none">00077</span>77', '77'],
    ["a<SPAN class='x' style='color:red; DISPLAY : none;'>1</SPAN>b", 'ab'],
    ['a<div style="visibility:hidden">1</div>b', 'ab'],
    ['a<span class="x sortkey">1</span>b', 'ab'],
    ['a<span class=sortkey>1</span>b', 'ab'],
    ['a<div hidden>1</div>b', 'ab'],
    ['a<span style="display:none">1<span>2</span>3</span>b', 'ab'],
    ['a<span style="display:none">1<br/>2</span>b<span>c</span>', 'ab<span>c</span>'],
    ['a<span class="sortkeys">1</span>b', 'a<span class="sortkeys">1</span>b'],
    ['a<span style="display:inline">1</span>b', 'a<span style="display:inline">1</span>b'],
    ['a<span style="display:none"/>b', 'a<span style="display:none"/>b'],
    // Without an end: the line is hidden, and what follows is read as ever.
    ['a<span style="display:none">1\nb', 'a\nb'],
    ['a<span style="display:none">1\nb<span style="display:none">2</span>c', 'a\nbc'],
    ['a<div style="display:none">1\nb<span style="display:none">2</span>c', 'a\nbc'],
  ];
  for (const [wikitext, shown] of cases) t.equal(removeHidden(wikitext), shown, wikitext);
  t.end();
});

const lead = (text: string): string => {
  const site = {
    title: 'Page',
    language: 'en',
    fileNames: [],
    categoryNames: [],
    linkPrefixes: '',
  };
  const article = parseArticle({ ...site, text }, { infoboxes: true, tables: true });
  return article.kind === 'redirect' ? '' : (article.parts[0]?.text ?? '');
};

test('keys that a table is sorted by do not show', (t) => {
  const cases: readonly [string, string][] = [
    ['It has {{ntsh|12}}12,345 people.', 'It has 12,345 people.'],
    ['It has {{hs|3}}4 towns.', 'It has 4 towns.'],
    ['In {{dtsh|1900|1|1}}January 1900.', 'In January 1900.'],
    ['The {{sort|02|second}} one.', 'The second one.'],
    ['The {{SortKey|02|second}} one, {{SortKeyName|Ann|Lee}}.', 'The second one, Ann Lee.'],
    [
      '{|\n! Town !! style="display:none" | Key !! People\n|-\n| A || style="display:none" | 007 || 7\n|}',
      'Town: A; People: 7.',
    ],
    ['{|\n| A || 7\n|- style="display:none"\n| B || 8\n|-\n| C || 9\n|}', 'A; 7. C; 9.'],
    ['Before.\n{| style="display:none"\n| B || 8\n|}\nAfter.', 'Before. After.'],
  ];
  for (const [wikitext, shown] of cases) t.equal(lead(wikitext), shown, wikitext);
  t.end();
});
