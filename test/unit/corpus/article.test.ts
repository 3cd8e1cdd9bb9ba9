import { test } from 'tap';

import type { Article } from '../../../corpus/article.ts';
import { parseArticle } from '../../../corpus/article.ts';

type Text = Exclude<Article, { kind: 'redirect' }>;

const site = { language: 'en', fileNames: ['Datei'], categoryNames: [], linkPrefixes: '' };

function parse(text: string, title = 'Page', options = { infoboxes: true, tables: true }): Text {
  const article = parseArticle({ ...site, title, text }, options);
  if (article.kind === 'redirect') throw new Error('a redirect');
  return article;
}
const lead = (text: string): string => parse(text).parts[0]?.text ?? '';

test('prose keeps its numbers and loses markup, sources, files and comments', (t) => {
  t.equal(
    lead(
      "'''Foo''' is {{convert|5|km}} from [[Bar (town)|Bar]]s<ref name=a>{{cite web|year=1999}}</ref>" +
        ' and<!-- 17 --> has<ref name="a" /> 1,234&nbsp;people.[[File:x.jpg|thumb|A [[b]] 88]]' +
        '[[Datei:y.jpg|thumb|99]][[Category:Towns]]',
    ),
    'Foo is 5 kilometres (3.1 mi) from Bars and has 1,234 people.',
  );
  t.equal(
    lead('A<sup>2</sup>, 10<sup>6</sup> and H<sub>2</sub>O, <nowiki>[[x]] {{y}}</nowiki>.'),
    'A2, 10^6 and H2O, [[x]] {{y}}.',
  );
  t.equal(lead('Costs $5 to {{nowrap|$$10 & $&15}} each.'), 'Costs $5 to $$10 & $&15 each.');
  t.equal(
    lead('An open {{convert|5|km brace and its 42 words.'),
    'An open convert|5|km brace and its 42 words.',
  );
  t.end();
});

test('sections, lists and definitions come in article order', (t) => {
  const { parts } = parse(
    'Lead.\n== Works ==\nBefore:\n* One (1901)\n* Two, 1902.\n; Term : text\nAfter.',
  );
  t.strictSame(parts, [
    { section: '', text: 'Lead.' },
    { section: 'Works', text: 'Before: One (1901); Two, 1902. Term: text. After.' },
  ]);
  t.end();
});

test('headings and marks of bold and italics are told as MediaWiki tells them', (t) => {
  const { parts } = parse('== A == b ==\nx\n= B =\ny\n==C== z\n=\n====== D ======\nw');
  t.strictSame(
    parts.map(({ section, text }) => `${section}: ${text}`),
    [': ', 'A == b: x', 'B: y', 'C: z =', 'D: w'],
  );
  const cases: readonly [string, string][] = [
    ["l'''Iliade'' and ''Eagle''{{'}}s", "l'Iliade and Eagle's"],
    ["''''four'''' '''''x'' y''' '''''z''''' ''''''six'''''", "'four' x y z 'six"],
    ["''a ''' b", 'a b'],
    ["''* a''", '* a'],
  ];
  for (const [wikitext, shown] of cases) t.equal(lead(wikitext), shown, wikitext);
  t.end();
});

test('formulas can be read', (t) => {
  const cases: readonly [string, string][] = [
    [String.raw`\frac{1}{2}\pi r^{2}\ \text{area} = \mathrm{A}_{1}`, '1/2 π r^2 area = A_1'],
    [String.raw`\sqrt{\frac{a+b}{3}} \le 10^{-3}\,\%`, '√((a+b)/3) ≤ 10^-3 %'],
    [
      String.raw`\bar a + \overline{b} = \bar\alpha, \overline{a.b}`,
      '\u0101 + b\u0304 = \u1FB1, overline (a.b)',
    ],
    [String.raw`\begin{pmatrix}1 & 2 \\ 3 & 4\end{pmatrix}`, '1 2 3 4'],
    [String.raw`\left( x \right) = \{1,2\} \sin [[x]] | y`, '(x) = 1,2 sin [[x]] | y'],
  ];
  for (const [tex, shown] of cases) t.equal(lead(`<math>${tex}</math>`), shown, tex);
  t.equal(lead('Water is <ce>H2O</ce>.'), 'Water is H2O.');
  t.end();
});

test('table rows name their columns, across spans', (t) => {
  const table =
    '{| class="wikitable"\n|+ Kings\n! Year !! Name\n! Note\n|-\n| rowspan="2" | 1066 || [[Harold]]' +
    '\n| style="x" | fell\n|-\n| [[William I|William]]\n| crowned\n|}';
  t.equal(
    lead(`Before.\n${table}\nAfter.`),
    'Before. Kings. Year: 1066; Name: Harold; Note: fell. Year: 1066; Name: William; Note: crowned. After.',
  );
  const without = parse(`Before.\n${table}\nAfter.`, 'Page', { infoboxes: true, tables: false });
  t.equal(without.parts[0]?.text, 'Before. After.');
  t.end();
});

test('an infobox is a text of its own, with the separators that the wiki shows', (t) => {
  const box =
    '{{Infobox settlement\n| name = Foo\n| population_total = 12345\n| established_date = {{start date|1901|5|2}}' +
    '\n| image = foo.jpg\n| mapsize = 250px\n| mayor = {{plainlist|\n* A (1990)\n* B}}\n}}';
  const { parts, infoboxes } = parse(`${box}\nFoo is a town.`);
  t.equal(parts[0]?.text, 'Foo is a town.');
  t.strictSame(infoboxes, [
    {
      section: 'Infobox',
      text: 'Name: Foo; Population total: 12,345; Established date: May 2, 1901; Mayor: A (1990), B.',
    },
  ]);
  t.strictSame(parse(box, 'Page', { infoboxes: false, tables: true }).infoboxes, []);
  t.end();
});

test('kinds of pages are told in several languages', (t) => {
  const kind = (title: string, text: string): string => parse(text, title).kind;
  t.equal(
    kind('Mercury', "'''Mercury''' may refer to:\n* A\n{{disambiguation}}"),
    'disambiguation',
  );
  t.equal(kind('Merkur', '* A\n{{Begriffsklärung}}'), 'disambiguation');
  t.equal(kind('Mercure', '* A\n{{Homonymie}}'), 'disambiguation');
  t.equal(kind('List of towns', '* A'), 'list');
  t.equal(kind('Liste des communes', '* A'), 'list');
  t.equal(kind('Список городов', '* A'), 'list');
  t.equal(kind('Listowel', 'A town.'), 'article');
  t.strictSame(
    parseArticle(
      { ...site, title: 'A', text: '#WEITERLEITUNG [[B#c]]' },
      { infoboxes: true, tables: true },
    ),
    { kind: 'redirect', target: 'B' },
  );
  t.end();
});
