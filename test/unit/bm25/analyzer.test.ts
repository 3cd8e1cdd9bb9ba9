import { test } from 'tap';

import { createAnalyzer } from '../../../src/bm25/analyzer/analyzer.ts';
import { analyzerNameOf, analyzerOf } from '../../../src/bm25/analyzer/languages.ts';
import type { AnalyzerName } from '../../../src/types/index-manifest.ts';
import { analyzerNames } from '../../../src/types/index-manifest.ts';

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
    naive: ['naïve', 'nai\u0308ve', 'NAÏVE'],
    strasse: ['Straße', 'STRASSE', 'strasse', 'STRAẞE'],
    aether: ['Æther', 'AETHER'],
    istanbul: ['İstanbul', 'I\u0307stanbul', 'Istanbul', 'ıstanbul'],
    lodz: ['Łódź', 'LODZ'],
    office: ['oﬃce', 'OFFICE', 'of\u00adfice', 'of\u2060fice'],
    οδοσ: ['ΟΔΟΣ', 'οδος', 'οδοσ', 'ὁδός'],
    αθηνα: ['ΑΘΗΝΑ', 'Αθήνα', 'Ἀθῆνα'],
    й: ['Й', 'й', 'и\u0306'],
    москва: ['Москва', 'Москва\u0301'],
    елка: ['ёлка', 'Ёлка', 'елка'],
    ѓавол: ['Ѓавол', 'г\u0301авол'],
    محمد: ['محمد', 'مُحَمَّد', 'مـحـمـد'],
    احمد: ['أحمد', 'احمد'],
    שלום: ['שלום', 'שָׁלוֹם', '\ufb2aלום'],
    km2: ['㎢', 'km²', 'KM2'],
    '10': ['⑩', '１０', '10', '١٠', '۱۰', '१०', '๑๐'],
    हिन्दी: ['हिन्दी', 'हिन\u094d\u200dदी'],
    फिल्म: ['फ़िल्म', 'फिल्म'],
  };
  for (const [term, words] of Object.entries(spellings)) {
    for (const word of words) t.same(simple.terms(word), [term.normalize('NFC')], word);
  }
  t.end();
});

test('marks that are letters in effect stay', (t) => {
  const pairs = ['कि की', 'মন মান', 'தமிழ் தமழ', 'ކަ ކި', 'Їжак Іжак', 'край края'];
  for (const pair of pairs) t.equal(new Set(simple.terms(pair)).size, 2, pair);
  t.end();
});

test('words are letters and digits of any script', (t) => {
  t.same(simple.terms("O'Brien's rock-'n'-roll, 3.14"), [
    ...['o', 'brien', 's', 'rock', 'n', 'roll', '3', '14'],
  ]);
  t.same(simple.terms('l´eau Hawaiʻi Hawai’i'), ['l', 'eau', 'hawai', 'i', 'hawai', 'i']);
  t.same(simple.terms('አዲስ हिन्दी العربية 🚂 \ud800'), ['አዲስ', 'हिन्दी', 'العربيه']);
  t.same(simple.terms('½ ㏂'), ['1', '2', 'a', 'm'], 'what normalization divides');
  t.same(simple.terms('می\u200cخواهم'), simple.terms('می خواهم'));
  t.same(simple.terms(''), []);
  t.same(simple.terms(`${'x'.repeat(41)} ${'𐐷'.repeat(41)}`), ['x'.repeat(40), '𐐷'.repeat(40)]);
  t.end();
});

test('text without spaces becomes characters and pairs, in every analyzer', (t) => {
  const divided: Readonly<Record<string, string>> = {
    東京都: '東 京 都 東京 京都',
    水: '水',
    X手机15: 'x 手 机 手机 15',
    '２０１９年': '2019 年',
    ﾗｰﾒﾝ: 'ラ ー メ ン ラー ーメ メン',
    서울은: '서 울 은 서울 울은',
    𠮷野: '𠮷 野 𠮷野',
    เมืองไทย: 'เมื อ ง ไท ย เมือ อง งไท ไทย',
    น้ำ: 'น้\u0e4dา',
    ភ្នំពេញ: 'ភ្នំ ពេ ញ ភ្នំពេ ពេញ',
    ຫຼວງ: 'ຫຼ ວ ງ ຫຼວ ວງ',
    မြန်မာ: 'မြ န် မာ မြန် န်မာ',
  };
  for (const analyzer of [simple, english]) {
    for (const [text, terms] of Object.entries(divided)) {
      t.same(analyzer.terms(text), terms.split(' '), text);
    }
    const long = analyzer.terms('東京は日本の首都で'.repeat(200));
    t.ok(
      ['首都', '日本'].every((word) => long.includes(word)),
      'however long',
    );
  }
  t.end();
});

test('a title is found as a whole, whatever divides it', (t) => {
  const same: readonly (readonly string[])[] = [
    ['The Who', 'the who', 'The-Who'],
    ['AT&T', 'A.T.&T.', 'att'],
    ['U.S.', 'US', 'U. S.'],
    ["Don't", 'Don’t', 'dont'],
    ['C++', 'c++'],
    ['!!!', '! ! !'],
    ['東京', '東 京'],
    ['Beyoncé', 'Beyonce'],
  ];
  for (const [title = '', ...queries] of same) {
    const [term] = english.titleTerms(title);
    t.ok(term, title);
    for (const query of queries) t.ok(english.queryTerms(query).includes(term ?? ''), query);
  }
  t.equal(new Set(['C', 'C++', 'C#', 'Cs'].flatMap((title) => english.titleTerms(title))).size, 4);
  t.same(english.titleTerms('Her (2013 film)'), ['title:her2013film', 'title:her']);
  t.same(english.titleTerms('Her'), ['title:her', 'title:her'], 'counts twice: it comes first');
  t.same(english.titleTerms('(film)'), ['title:film', 'title:film']);
  t.same(english.titleTerms(' '), []);
  t.same(english.titleTerms('«…»'), ['title:«...»', 'title:«...»']);
  t.same(english.titleTerms('x'.repeat(61)), [], 'its words are enough');
  t.same(english.queryTerms('river Don'), ['river', 'don', 'title:riverdon']);
  t.end();
});

test('each language is stemmed as Snowball does, and spelling folded after that', (t) => {
  // Stems by snowballstemmer 2.2.0 (Python), without marks.
  const stems: Readonly<Partial<Record<AnalyzerName, readonly [string, string]>>> = {
    arabic: ['الكتاب كتابهم المدارس', 'كتاب كتاب مدارس'],
    armenian: ['քաղաքները գրքերով', 'քաղ գրքերով'],
    danish: ['byerne bøgerne kærligheden', 'byern bog kaer'],
    dutch: ['steden boeken lichamelijk', 'sted boek licham'],
    finnish: ['kaupungeissa kirjoja taloissa', 'kaupung kirj talo'],
    french: ['continuellement villes élevées', 'continuel vill elev'],
    german: ['häuser städten aufeinander', 'haus stadt aufeinand'],
    greek: ['πόλεις βιβλία', 'πολ βιβλ'],
    hindi: ['किताबों लड़कियाँ शहरों', 'किताब लडक शहर'],
    hungarian: ['városokban könyvek házaiban', 'varos konyv haz'],
    indonesian: ['perpustakaan membacakan bukunya', 'pustaka baca buku'],
    irish: ['bhfuinneog leabhair', 'fuinneog leabhair'],
    italian: ['città libri abbandonata', 'citt libr abbandon'],
    lithuanian: ['miestuose knygos', 'miest knyg'],
    nepali: ['किताबहरू शहरमा', 'किताब शहर'],
    norwegian: ['byene bøkene havnedistriktene', 'byen bok havnedistrikt'],
    portuguese: ['cidades livros felizmente', 'cidad livr feliz'],
    romanian: ['orașelor cărți copiilor', 'oras cart cop'],
    russian: ['книгами городов важнейшие', 'книг город важн'],
    serbian: ['gradovima knjigama', 'gradov knjig'],
    spanish: ['ciudades libros cheques', 'ciudad libr chequ'],
    swedish: ['städerna böckerna klostergården', 'stad bock klostergard'],
    tamil: ['புத்தகங்கள் நகரங்கள்', 'புத்தகம் நகரம்'],
    turkish: ['evlerinde kitaplar şehirlerden', 'ev kitap sehir'],
  };
  for (const [name, [words, expected]] of Object.entries(stems)) {
    const analyzer = createAnalyzer(analyzerOf(name as AnalyzerName));
    t.equal(analyzer.terms(words).join(' '), expected, name);
  }
  t.same(
    Object.keys(stems).sort(),
    analyzerNames.filter((n) => n !== 'simple' && n !== 'english'),
  );
  t.end();
});

test("the analyzer follows from the corpus's language", (t) => {
  const expected = {
    ...{ en: 'english', simple: 'english', de: 'german', 'pt-BR': 'portuguese', nn: 'norwegian' },
    ...{
      zh: 'simple',
      ltg: 'simple',
      'zh-classical': 'simple',
      'be-tarask': 'simple',
      '': 'english',
    },
  };
  for (const [code, name] of Object.entries(expected)) t.equal(analyzerNameOf(code), name, code);
  t.equal(analyzerNameOf(undefined), 'english');
  t.end();
});
