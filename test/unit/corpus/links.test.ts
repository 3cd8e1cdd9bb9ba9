import { test } from 'tap';
import wtf from 'wtf_wikipedia';

import { parseArticle } from '../../../corpus/article.ts';
import { linkPrefixesOf } from '../../../corpus/page-settler.ts';
import { anchorsIn } from '../../../corpus/wikitext/links.ts';
import type { Anchor } from '../../../src/types/passage.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { articlePages } from '../../material/corpus/read-dump-pages.ts';

const site = {
  ...{ name: 'W', base: 'https://w.example/wiki/Main', language: 'de' },
  namespaces: new Map([
    [0, ''],
    [6, 'Datei'],
    [14, 'Kategorie'],
  ]),
};
const linkPrefixes = linkPrefixesOf(site);

function links(wikitext: string, title = 'Page'): string[] {
  return anchorsIn(wikitext, { title, linkPrefixes }).map(
    ({ anchor, title: target }) => `${anchor} > ${target}`,
  );
}

test('what a link shows and where it leads', (t) => {
  const cases: readonly [string, readonly string[]][] = [
    ['[[Oxbow]]', ['Oxbow > Oxbow']],
    ['[[Ann Lee|the painter]]', ['the painter > Ann Lee']],
    ['[[town]]s and [[École|école]]s', ['towns > Town', 'écoles > École']],
    ['[[Paris]]2, [[Paris]]Er', ['Paris > Paris']],
    ['[[barack_obama | Obama ]]', ['Obama > Barack obama']],
    ["[[Dune (novel)|''Dune'']]", ['Dune > Dune (novel)']],
    ['[[AT&amp;T|AT&amp;T]], [[Caf&eacute;]]', ['AT&T > AT&T', 'Café > Café']],
    ['[[A#b|c]], [[A # b|d]], [[A]]', ['c > A#b', 'd > A#b', 'A > A']],
    ['[[B|x]] [[B|x]] [[B|y]] [[C|x]]', ['x > B', 'y > B', 'x > C']],
    ['[[:Oxbow]] [[: Ann Lee|Ann]]', ['Oxbow > Oxbow', 'Ann > Ann Lee']],
    [
      '[[Star Trek: Nemesis]] [[2001: Odyssey|o]]',
      ['Star Trek: Nemesis > Star Trek: Nemesis', 'o > 2001: Odyssey'],
    ],
    ['[[იმერეთი]] [[ßig]] [[ángel]]', ['იმერეთი > იმერეთი', 'ßig > ßig', 'ángel > Ángel']],
    ['[[Outer|a [[Inner|b]] c]]', ['b > Inner']],
    // Not within the page, not to itself.
    ['[[#below|below]] [[Page]] [[page#top|top]]', []],
    // Other namespaces, by English names, by the site's, in any capitals, with and without colon.
    [
      '[[Category:X]] [[:Category:X]] [[:kategorie:X|x]] [[File:a.jpg|thumb|b]] [[:Datei:a.jpg]]',
      [],
    ],
    ['[[Wikipedia:Help|h]] [[WP:NPOV]] [[Help:IPA|x]] [[Wikt:word|w]]', []],
    // Other languages and wikis.
    ['[[fr:Paris]] [[:de:Berlin|B]] [[wikt:word|w]] [[zh-min-nan:x]]', []],
    // The pipe trick is expanded when a page is saved; left over, it shows nothing.
    ['[[A (x)|]] [[|A]] [[]] [[ ]]', []],
    // Damage and leftovers.
    ['[[A [[B', []],
    ['[[A\nB]] [[A{{x}}|b]] [[A|<b>]] [[A|b|c]] [http://x.example y]', []],
  ];
  for (const [wikitext, expected] of cases) t.strictSame(links(wikitext), expected, wikitext);
  t.end();
});

test('the links of an article: text, lists, tables, templates and infoboxes, without the rest', (t) => {
  const text =
    "{{Infobox town|name=Foo|mayor=[[Ann Lee]]|population_total=12345|x=1|y=2}}'''Foo''' is by [[Oxbow|the Oxbow]]." +
    '<ref>[[In a source]]</ref><!-- [[In a comment]] --><nowiki>[[Literal]]</nowiki>' +
    '[[File:x.jpg|thumb|Caption with [[In a caption|a link]]]][[Datei:y.jpg|[[Also]]]] {{nowrap|[[Bar (river)|Bar]] }}' +
    '{{navbox|[[In a box]]}}\n\n{|\n! [[Year]]\n|-\n| rowspan="2" | [[1066]] || [[Harold II|Harold]]\n|-\n| [[William I|William]]\n|}\n' +
    '* [[Item|item]]\n\n[[Category:Towns]]\n[[fr:Foo]]';
  const parse = (title: string, wikitext: string): readonly Anchor[] => {
    const source = {
      title,
      text: wikitext,
      language: 'en',
      fileNames: ['Datei'],
      categoryNames: [],
      linkPrefixes,
    };
    const article = parseArticle(source, { infoboxes: true, tables: true });
    return article.kind === 'redirect' ? [] : article.anchors;
  };
  t.strictSame(
    parse('Foo', text).map(({ anchor, title }) => `${anchor} > ${title}`),
    [
      'the Oxbow > Oxbow',
      'Bar > Bar (river)',
      'Year > Year',
      '1066 > 1066',
      'Harold > Harold II',
      'William > William I',
      'item > Item',
      'Ann Lee > Ann Lee',
    ],
  );
  t.strictSame(parse('List of towns', '* [[Oxbow]]'), []);
  t.strictSame(parse('Mercury', '* [[Oxbow]]\n{{disambiguation}}'), []);
  t.end();
});

/** Its own types take what it returns for texts. */
interface LibraryLink {
  type(): string;
  page(): string | undefined;
  anchor(): string;
  text(): string;
}

function libraryLinks(text: string, title: string): LibraryLink[] {
  return wtf(text, { title }).links() as unknown as LibraryLink[];
}

test(
  'nearly all links that wtf_wikipedia finds in the English dump are found too',
  { skip: missingShared('mediawiki', 'wiki84k') },
  async (t) => {
    const pages = await articlePages(sharedFile('mediawiki/enwiki-2016-206pages.xml.bz2'));
    let [all, found] = [0, 0];
    for (const { title, text } of pages) {
      const source = {
        title,
        text,
        language: 'en',
        fileNames: [],
        categoryNames: [],
        linkPrefixes,
      };
      const article = parseArticle(source, { infoboxes: true, tables: true });
      if (article.kind !== 'article') continue;
      const own = new Set(article.anchors.map(({ anchor, title: to }) => `${anchor}>${to}`));
      for (const link of libraryLinks(text, title)) {
        const page = link.page()?.trim() ?? '';
        if (link.type() !== 'internal' || page === '' || page.includes(':') || link.anchor() !== '')
          continue;
        all += 1;
        const to = page.slice(0, 1).toUpperCase() + page.slice(1).replaceAll('_', ' ');
        if (own.has(`${link.text().trim()}>${to}`) || to === title) found += 1;
      }
    }
    t.ok(all > 15_000, `${all} links`);
    t.ok(found / all > 0.99, `${found} of ${all}`);
  },
);
