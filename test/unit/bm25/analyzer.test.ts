import { test } from 'tap';

import { analyzerOf, createAnalyzer } from '../../../src/bm25/analyzer.ts';

const english = createAnalyzer(analyzerOf('english'));
const simple = createAnalyzer(analyzerOf('simple'));

test('english stems as Snowball does', (t) => {
  // From the sample vocabulary of snowballstem.org/algorithms/english.
  const stems = {
    consign: 'consign consigned consigning consignment',
    consist: 'consist consisted consistency consistent consistently consisting consists',
    consol: 'consolation consolations consolatory console consoled consoles consolingly',
    knight: 'knight knights',
    knit: 'knit knits knitted knitting',
    knock: 'knock knocked knocker knockers knocking knocks',
  };
  for (const [stem, words] of Object.entries(stems)) {
    const found = new Set(english.terms(words));
    found.delete('consolatori');
    found.delete('consolingli');
    found.delete('knocker');
    t.same([...found], [stem]);
  }
  t.same(english.terms('consolatory consolingly'), ['consolatori', 'consol']);
  t.same(simple.terms('Knights knitted'), ['knights', 'knitted']);
  t.end();
});

test('no word is dropped for being frequent: titles are made of them', (t) => {
  t.same(english.terms('The Who'), ['the', 'who']);
  t.same(english.terms('It, The The and To Be or Not'), [
    ...['it', 'the', 'the', 'and', 'to', 'be', 'or', 'not'],
  ]);
  t.end();
});

test('one word in all its spellings', (t) => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    cafe: ['Café', 'CAFÉ', 'Cafe\u0301', 'ｃａｆｅ'],
    strasse: ['Straße', 'STRASSE', 'strasse', 'STRAẞE'],
    aether: ['Æther', 'AETHER'],
    istanbul: ['İstanbul', 'Istanbul', 'ıstanbul'],
    lodz: ['Łódź', 'LODZ'],
    office: ['oﬃce', 'OFFICE'],
    οδοσ: ['ΟΔΟΣ', 'οδος', 'οδοσ'],
    й: ['Й', 'й', 'и\u0306'],
    km2: ['㎢', 'km²', 'KM2'],
    '10': ['⑩', '１０', '10'],
  };
  for (const [term, words] of Object.entries(spellings)) {
    for (const word of words) t.same(simple.terms(word), [term.normalize('NFC')], word);
  }
  t.end();
});

test('words are letters and digits of any script', (t) => {
  t.same(simple.terms("O'Brien's rock-'n'-roll, 3.14"), [
    ...['o', 'brien', 's', 'rock', 'n', 'roll', '3', '14'],
  ]);
  t.same(simple.terms('日本語 हिन्दी العربية 🚂 \ud800'), ['日本語', 'हिन्दी', 'العربية']);
  t.same(simple.terms('½ ㏂'), ['1', '2', 'a', 'm'], 'what normalization divides');
  t.same(simple.terms(''), []);
  t.same(simple.terms(`${'x'.repeat(40)} ${'y'.repeat(41)}`), ['x'.repeat(40)]);
  t.end();
});
