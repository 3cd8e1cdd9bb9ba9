import { test } from 'tap';

import { parseArticle } from '../../../corpus/article.ts';

function lead(language: string, text: string, variant?: string): string {
  const site = { title: 'Page', language, linkPrefixes: '', fileNames: [], categoryNames: [] };
  const article = parseArticle({ ...site, text }, { infoboxes: true, tables: true, variant });
  return article.kind === 'redirect' ? '' : (article.parts[0]?.text ?? '');
}

test('a name of a template means what it means in the language of the site', (t) => {
  const cases: readonly [string, string, string][] = [
    ['fr', 'Au {{s-|XIX|e}}.', 'Au XIXe siècle.'],
    ['en', 'Text.{{s-|start}}', 'Text.'],
    ['fr', 'Il dit {{citation|le 5 mai}}.', 'Il dit « le 5 mai ».'],
    ['en', 'He said.{{citation|title=A book|year=1999}}', 'He said.'],
    ['fr', 'À {{heure|14|30}}, {{heure|4}}, {{heure|1|2|3}}.', 'À 14 h 30, 4 h, 1 h 2 min 3 s.'],
    ['es', '{{cita|El 5.}}', 'El 5.'],
    ['it', 'Testo{{cita|Rossi|p. 5}}.', 'Testo.'],
    ['de', 'Er ist {{Höhe|1234|DE-NN|link=true}} hoch.', 'Er ist 1234 m ü. NN hoch.'],
    ['ru', 'Текст{{нет АИ|12|10|2010}}.', 'Текст.'],
    ['ja', '本文{{要出典|date=2010年}}。', '本文。'],
    ['en', 'Text{{הערה|שם=1 2|5}}.', 'Text.'],
    ['it', 'Testo{{cita|5}}.', 'Testo.'],
    ['en', 'Said{{xyz|a 1.ogg|ber|lin}}.', 'Saidber lin.'],
    ['es', 'Murió a los {{edad|7|5|1930|2|3|2001}} años.', 'Murió a los 70 años.'],
    ['es', 'Tiene {{edad|7|5|1930}} años.', 'Tiene años.'],
    ['zh', '甲（{{bd|1930年|5月7日|2001年|2月3日}}）', '甲（1930年5月7日－2001年2月3日）'],
    ['en', 'China ({{zh|c=中国|p=Zhōngguó|links=no}}).', 'China (中国; Zhōngguó).'],
    ['en', 'Seoul ({{korean|hangul=서울|hanja=서울}}).', 'Seoul (서울).'],
    ['en', 'The {{leader|Ann}} came.', 'The Ann came.'],
    ['it', 'Ha {{senza fonte|{{formatnum:100000}} abitanti|data=2010}}.', 'Ha 100.000 abitanti.'],
    ['en', 'Has {{citation needed span|text=x|1,234}} people.', 'Has 1,234 people.'],
    ['he', 'ב-[[1244]]{{ש}}[[1990]].', 'ב-1244 1990.'],
    ['en', 'Has 5{{frac|1|2}} m, [[a|6]]{{xyz|7}}, {{nowrap|8}}9.', 'Has 5 1/2 m, 6 7, 89.'],
    ['de', 'Am 26. September 2021{{Zukunft|2021|09}}.', 'Am 26. September 2021.'],
    ['en', 'At {{coor dm|52|32|N|13|25|E}}.', 'At 52°32′N 13°25′E.'],
  ];
  for (const [language, wikitext, shown] of cases) {
    t.equal(lead(language, wikitext), shown, `${language} ${wikitext}`);
  }
  t.end();
});

test('an unknown template in a sentence keeps its one value', (t) => {
  const cases: readonly [string, string][] = [
    ['It has {{xyz|5|km}} of road.', 'It has 5 km of road.'],
    ['It has {{xyz|5|km|abbr=on|link=no}} of road.', 'It has 5 km of road.'],
    ['It has {{xyz|1,234|source=A book}} people.', 'It has 1,234 people.'],
    ['It has {{xyz|number=1,234}} people.', 'It has 1,234 people.'],
    ['It is so.{{xyz|word=number}}', 'It is so.'],
    ['It is so.{{xyz|url=x.example|at=May 2010}}', 'It is so.'],
    ['It is so.{{xyz|a 1.ogg|of=2}}', 'It is so.'],
    ['It is so.{{xyz|date=May 2010}}', 'It is so.'],
    ['It is so.{{xyz|a word|author=Ann|title=B}}', 'It is so.'],
    ['It is so.{{xyz|from=1|to=2}}', 'It is so.'],
  ];
  for (const [wikitext, shown] of cases) t.equal(lead('en', wikitext), shown, wikitext);
  t.end();
});

test('of text in several variants one shows', (t) => {
  const cases: readonly [string, string, string, string][] = [
    // Text; by default; zh-hk; zh-tw. As MediaWiki's page on the syntax shows them.
    ['用-{zh-hans:计算机; zh-hant:電腦;}-。', '用计算机。', '用電腦。', '用電腦。'],
    ['-{zh-cn:5 a;zh-tw:6 b;zh-hk:7 c}-', '5 a', '7 c', '6 b'],
    ['-{zh-cn:a -{zh-cn:1;zh-tw:2}-;zh-tw:b}-.', 'a 1.', 'b.', 'b.'],
    ['A-{H|zh-cn:1;zh-tw:2}--{T|3}--{-|zh-cn:4;zh-tw:5}-.', 'A.', 'A.', 'A.'],
    ['-{A|zh-cn:1;zh-tw:2}- -{R|zh:3}-', '1 zh:3', '2 zh:3', '2 zh:3'],
    ['-{zh-hans;zh-hant|4; 5}- -{6}-', '4; 5 6', '4; 5 6', '4; 5 6'],
    [
      '-{巨集=>zh-cn:宏;}- 5-{{xyz|6}}, {{nowrap|-{zh-cn:7|8;zh-tw:9}-}}',
      '宏 5-6, 7',
      '宏 5-6, 9',
      '宏 5-6, 9',
    ],
    ['[[城|-{zh-hans:城;zh-hant:鎮}-]] -{open 7', '城 open 7', '鎮 open 7', '鎮 open 7'],
  ];
  for (const [wikitext, standard, hongKong, taiwan] of cases) {
    t.equal(lead('zh', wikitext), standard, wikitext);
    t.equal(lead('zh', wikitext, 'zh-hk'), hongKong, wikitext);
    t.equal(lead('zh', wikitext, 'zh-tw'), taiwan, wikitext);
  }
  t.equal(lead('sr', '-{sr-ec:а;sr-el:a}-', 'sr-el'), 'a');
  t.equal(lead('en', 'A -{zh-cn:a}- b.'), 'A -{zh-cn:a}- b.', 'no mark elsewhere');
  t.end();
});
