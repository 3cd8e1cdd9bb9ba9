import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { openCorpus } from '../../../corpus/corpus.ts';
import type { SeedsConfig } from '../../../src/config/seeds.ts';
import { seedsConfig } from '../../../src/config/seeds.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { Candidate } from '../../../src/seeds/candidate.ts';
import { collectCandidates } from '../../../src/seeds/collect-candidates.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { buildRequest, dumpOf } from '../../material/corpus/build-request.ts';

/** A corpus of pages with these titles and wikitexts. */
async function corpusOf(
  folder: string,
  pages: readonly (readonly [string, string])[],
): Promise<string> {
  const path = join(folder, 'dump.xml');
  writeFileSync(path, dumpOf(pages.map(([title, text]) => ({ title, text }))));
  await buildCorpus(buildRequest([path], join(folder, 'corpus')));
  return join(folder, 'corpus');
}

async function candidates(
  corpus: string,
  settings: Partial<SeedsConfig> = {},
): Promise<Candidate[]> {
  const run = { signal: new AbortController().signal, progress: silentProgress };
  return collectCandidates(await openCorpus(corpus), seedsConfig.parse(settings), run);
}

/** The forms of each clear answer that is no date or number; `+` before what links gave. */
function clear(found: readonly Candidate[]): string[] {
  return found
    .filter(({ isAmbiguous, title }) => !isAmbiguous && title !== undefined)
    .map(({ forms }) =>
      Array.from(forms.values(), ({ text, source }) => (source === 'anchor' ? `+${text}` : text)),
    )
    .map((forms) => forms.join(' = '))
    .sort();
}

/** `count` further pages that hold the same links. */
function linking(name: string, count: number, wikitext: string): (readonly [string, string])[] {
  return Array.from({ length: count }, (_, n) => [`Linker ${name}${n}`, `See ${wikitext}.`]);
}

const obama: (readonly [string, string])[] = [
  ['Barack Obama', 'Barack Obama is a politician.'],
  ['POTUS 44', '#REDIRECT [[Barack Obama]]'],
  ...linking('a', 2, '[[Barack Obama|Obama]] and [[Barack Obama|Barry]]'),
  ...linking('b', 1, "[[POTUS 44|''Obama'']] and [[Barack Obama|Barak]]"),
];
const linkers = (found: readonly string[]): string[] =>
  found.filter((forms) => !forms.startsWith('Linker'));

test('a text that enough articles link to one page is another name of it', async (t) => {
  const folder = t.testdir();
  // They fill no place that a name could have.
  const parts = Array.from({ length: 70 }, (_, n) => `[[Barack Obama|Early Obama ${n}]]`);
  const corpus = await corpusOf(folder, [
    ...linking('z', 1, parts.join(' ')),
    ...obama,
    // Descriptions, parts of the page, and names of a place in it are none.
    ...linking('c', 3, '[[Barack Obama|the president]] [[Barack Obama|Early Obama]]'),
    ...linking('d', 3, '[[Barack Obama#Youth|Young Man]]'),
    // Once in an article, however often it stands there.
    ['Often', 'It is [[Barack Obama|Bobby]], [[Barack Obama|Bobby]], [[Barack Obama|Bobby]].'],
  ]);
  t.strictSame(linkers(clear(await candidates(corpus))), [
    'Barack Obama = POTUS 44 = +Obama',
    'Often',
  ]);
  t.strictSame(linkers(clear(await candidates(corpus, { minAnchorArticles: 2 }))), [
    'Barack Obama = POTUS 44 = +Obama = +Barry',
    'Often',
  ]);
  t.strictSame(
    linkers(clear(await candidates(corpus, { aliases: false }))),
    ['Barack Obama = +Obama', 'Often'],
    'links through a redirect count without its name',
  );
  t.strictSame(linkers(clear(await candidates(corpus, { anchors: false }))), [
    'Barack Obama = POTUS 44',
    'Often',
  ]);
});

test('a text that leads to several pages is the name of none', async (t) => {
  const folder = t.testdir();
  const corpus = await corpusOf(folder, [
    ['John Smith', 'John Smith is a painter.'],
    ['Apple', 'Apple is a fruit.'],
    ['Apple Inc.', 'Apple Inc. is a company.'],
    ['Japan', 'Japan is a country.'],
    ['Peru', 'Peru is a country.'],
    ['Smith Hill', 'Smith Hill is a hill.'],
    ['The Hill', '#REDIRECT [[Smith Hill]]'],
    ...linking('a', 8, '[[John Smith|Smith]] [[Apple Inc.|Apple]] [[Japan]]'),
    // One of nine: less than nine tenths lead to the painter.
    ...linking('b', 1, '[[Smith Hill|Smith]] [[Apple]]'),
    ...linking('c', 4, '[[Japan national team|japan]] [[Apple]] [[The Hill]]'),
    ...linking('d', 9, '[[Smith Hill|The Hill]]'),
    ...linking('e', 3, '[[John Smith|The Hill]]'),
    // A place in a page is that page.
    ...linking('f', 3, '[[Peru#History|Peru]]'),
  ]);
  const found = linkers(clear(await candidates(corpus)));
  // Of the links "Apple" most lead to the company, whose own name is another; "The Hill" is too
  // often somebody else. "Japan" leads to the team four times of twelve.
  t.strictSame(found, ['Apple Inc.', 'Japan', 'John Smith', 'Peru', 'Smith Hill']);
});

test('one wrong link of many does no harm', async (t) => {
  const corpus = await corpusOf(t.testdir(), [
    ...obama,
    ...linking('c', 7, '[[Barack Obama|Obama]]'),
    ...linking('d', 1, '[[Michelle Obama|Obama]]'),
  ]);
  t.ok(clear(await candidates(corpus)).includes('Barack Obama = POTUS 44 = +Obama'));
});

test('a name that is linked and has no page is an answer, if it leads nowhere else', async (t) => {
  const corpus = await corpusOf(t.testdir(), [
    ...obama,
    ['Venus', "'''Venus''' may refer to:\n* [[A]]\n{{disambiguation}}"],
    ...linking('c', 3, '[[Neil Armstrong]] [[lizard]] [[Venus]] [[POTUS 44]] [[Area 51]]'),
    ...linking('d', 3, '[[Mars (planet)|Mars]] [[Mars (god)|Mars]] [[A name far too long]]'),
    ...linking('e', 3, '[[Ion (play)|Ion]] [[Ion (chemistry)#Charge|ion]] [[Atom|Ion]]'),
    ...linking('f', 2, '[[Twice Linked]]'),
    ...linking('g', 3, '[[Rome (opera)|Rome]] [[Kategorija:Towns]] [[Capua#Hill]]'),
  ]);
  const settings = { maxChars: 16 };
  const found = await candidates(corpus, settings);
  t.strictSame(
    clear(found).filter((forms) => forms.startsWith('+')),
    ['+Area 51', '+Neil Armstrong', '+Rome'],
  );
  const rome = found.find(({ key }) => key === 'rome');
  t.match(rome, { title: 'Rome (opera)', topic: 'work', mentions: 3 });
  const ambiguous = found.filter(({ isAmbiguous }) => isAmbiguous).map(({ key }) => key);
  t.strictSame(ambiguous.sort(), ['ion', 'mars']);
});

test(
  'what is said of an answer does not depend on how much of the corpus is held',
  { skip: missingShared('mediawiki', 'wiki84k') },
  async (t) => {
    const out = join(t.testdir(), 'corpus');
    const dump = sharedFile('mediawiki/ltgwiki-complete-2004pages.xml.bz2');
    await buildCorpus(buildRequest([dump], out));
    const all = new Map((await candidates(out)).map((candidate) => [candidate.key, candidate]));
    const few = (await candidates(out, { count: 40 })).filter(({ title }) => title !== undefined);
    t.ok(few.length >= 160 && few.length < all.size / 2, `${few.length} of ${all.size}`);
    for (const candidate of few) t.strictSame(candidate, all.get(candidate.key), candidate.key);
    const forms = [...all.values()].flatMap((candidate) => [...candidate.forms.values()]);
    t.ok(forms.filter(({ source }) => source === 'anchor').length > 50);
  },
);
