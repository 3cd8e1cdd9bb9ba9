import { test } from 'tap';

import type { Article } from '../../../corpus/article.ts';
import { parseArticle } from '../../../corpus/article.ts';
import { showLinks } from '../../../corpus/wikitext/links.ts';
import { readAddresses, removeSpecialLinks } from '../../../corpus/wikitext/special-links.ts';

const source = {
  ...{ title: 'Page', language: 'ltg', linkPrefixes: '' },
  ...{ fileNames: ['Fails'], categoryNames: ['Kategoreja'] },
};
const parse = (text: string): Article =>
  parseArticle({ ...source, text }, { infoboxes: true, tables: true });
const lead = (text: string): string => {
  const article = parse(text);
  return article.kind === 'redirect' ? '' : (article.parts[0]?.text ?? '');
};

test('links to categories, files and other languages show nothing', (t) => {
  const cases: readonly [string, string][] = [
    ['A town.\n[[Kategoreja:Albaneja]]\n[[kategoreja : Pasauļs|A]]', 'A town.'],
    [
      'A town.\n[[Category:X]] [[CATEGORY:Y|*]] [[Thể_loại:Z]] [[زمرہ:Z]] [[Súbor:a b.jpg]]',
      'A town.',
    ],
    ['[[Fails:x.jpg|mini|300px|Text [[b]] and [[c|d]] 88]]A town.', 'A town.'],
    ['[[Bild:x.svg|miniatur|88]][[画像:x.PNG|左]][[Hình:x.ogg]]A town.', 'A town.'],
    ['[[Изображение:x y.jpg|thumb|[[Imagen:z.gif]] 8]]A town.', 'A town.'],
    ['A town.\n[[fr:Ville]]\n[[zh-min-nan:X|Y]] [[simple: Town]]', 'A town.'],
    // What shows all the same.
    [
      'A [[:fr:Ville|ville]] or [[:fr:Ville]], [[wikt:town]], [[w:Town|towns]].',
      'A ville or Ville, town, towns.',
    ],
    ['See [[:Category:Towns]].', 'See Category:Towns.'],
    ['The [[Bild: a newspaper]] and [[Fichero: x|it]].', 'The Bild: a newspaper and it.'],
    ['[[Star Trek: Nemesis]], [[De: Bug]].', 'Star Trek: Nemesis,.'],
    ['An open [[Fails:x.jpg|88 bracket.', 'An open Fails:x.jpg|88 bracket.'],
  ];
  for (const [wikitext, shown] of cases) t.equal(lead(wikitext), shown, wikitext);
  t.end();
});

test('a comment that does not end hides the rest', (t) => {
  t.equal(lead('A <!-- 1 -->town.<!-- 2 [[x]]\nMore.'), 'A town.');
  t.end();
});

test('links by address show their text', (t) => {
  const cases: readonly [string, string][] = [
    ['A [//x.example/a?b=1 page] and [mailto:a@x.example a letter].', 'A page and a letter.'],
    [
      "A [HTTP://X.EXAMPLE/1 ''big'' [[town|site]]], [https://x.example/9], end.",
      'A big site,, end.',
    ],
    ['Not [a/b c] nor [1].', 'Not [a/b c] nor [1].'],
  ];
  for (const [wikitext, shown] of cases) t.equal(lead(wikitext), shown, wikitext);
  t.end();
});

test('redirects in all the forms that are written', (t) => {
  const cases: readonly [string, string][] = [
    ['#REDIRECT [[B c]]', 'B c'],
    ['#redirect[[b_c]]', 'B c'],
    ['\n #Redirect : [[ :b c#d|e]] {{R from x}}', 'B c'],
    ['#REDIRECT: [[:B c]]', 'B c'],
    ['#WEITERLEITUNG [[B c|d]]', 'B c'],
    ['#REDIRECCIÓN [[Á]]', 'Á'],
    ['#перенаправление [[б]]', 'Б'],
    ['#تغییر_مسیر [[ب]]', 'ب'],
    ['#転送 [[東京]]', '東京'],
    ['#REDIRECT [[AT&amp;amp;T]]', 'AT&T'],
    ['#REDIRECT [[Caf&eacute;]]', 'Café'],
    ['#REDIRECT [[caf%C3%A9_1]]', 'Café 1'],
    ['#REDIRECT [[100%]]', '100%'],
  ];
  for (const [wikitext, target] of cases) {
    t.strictSame(parse(wikitext), { kind: 'redirect', target }, wikitext);
  }
  t.equal(lead('# First [[B]]\n# Second [[C]]'), 'First B; Second C.');
  t.equal(lead('#First [[B]]'), 'First B.');
  t.end();
});

test('many links that do not end stay, and cost no more than their length', (t) => {
  for (const piece of ['[[File:a|', '[[fr:', '[[a|', '[[File:a.jpg|[//x ']) {
    const text = piece.repeat(30_000);
    t.equal(readAddresses(removeSpecialLinks(text, source)), text, piece);
    t.equal(showLinks(text), text.replaceAll('[[', ''), piece);
  }
  t.equal(showLinks('a]] [[b [[c]] [[d'), 'a b c d');
  t.equal(showLinks('[[a|b [[c]] d]]s [[e|1\n\n2]] [[:f#g]]'), 'b c ds e|1\n\n2 f#g');
  t.end();
});

test('300 kB of whatever does not end are read in a moment', (t) => {
  // In quadratic time this takes minutes, which the file does not have.
  const pieces =
    "[[a|  [[File:a|  [http://a\u{1F600}  '''  ''  =  \n==  {{a|  {{{a|  \n{|  \n{|\n|  <ref>  <ref  <!-  <!--  <nowiki>  " +
    '<math>\\frac{  -{  -{zh:  {{#if:  (;  &  1,  "  <  \n|}  [[a]]b';
  for (const piece of pieces.split('  ')) {
    const text = `A town.\n${piece.repeat(300_000 / piece.length)}`;
    const article = parseArticle(
      { ...source, language: 'zh', text },
      { infoboxes: true, tables: true },
    );
    t.equal(article.kind, 'article', piece);
  }
  t.end();
});
