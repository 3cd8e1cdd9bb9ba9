import { test } from 'tap';

import { parseArticle } from '../../../corpus/article.ts';
import { evaluate, shownValue } from '../../../corpus/wikitext/expression.ts';

function lead(text: string, language = 'en'): string {
  const site = {
    title: 'Page',
    language,
    linkPrefixes: '',
    fileNames: [],
    categoryNames: [],
  };
  const article = parseArticle({ ...site, text }, { infoboxes: true, tables: true });
  return article.kind === 'redirect' ? '' : (article.parts[0]?.text ?? '');
}

test('one branch shows, and what cannot be known does not', (t) => {
  const cases: readonly [string, string][] = [
    ['A {{#if: x | 1 | 2}}.', 'A 1.'],
    ['A {{#if: | 1 | 2}}.', 'A 2.'],
    ['A {{#IF: {{#if:|y}} | 1 }}b.', 'A b.'],
    ['A {{#ifeq: 01 | 1 | 2 | 3}}{{#ifeq: a | b | 4 | 5}}.', 'A 25.'],
    ['A {{#ifexpr: 1 + 1 > 1 | 2 | 3}}{{#ifexpr: x | 4 | 5}}.', 'A 2.'],
    ['A {{#iferror: 7 | 8}}{{#iferror: 7 | 8 | 9}}.', 'A 79.'],
    ['A {{#switch: b | a = 1 | b | c = 2 | #default = 3}}.', 'A 2.'],
    ['A {{#switch: x | a = 1 | #default = 3}}{{#switch: x | a = 1 | 4}}.', 'A 34.'],
    ['A {{#switch: x | a = 1}}b.', 'A b.'],
    ['A {{#expr: 1310 / 156.9 round 1}}.', 'A 8.3.'],
    ['A {{#dateformat: 25 December 2009 | ymd}}.', 'A 25 December 2009.'],
    ['A {{#time: j F Y | 2001-01-21}}, {{#time: Y | 2001-01-21}}.', 'A 21 January 2001, 2001.'],
    ['A{{#tag:ref|A book, 1999|name=x}} b.', 'A b.'],
    ['A {{#tag:small|7}}.', 'A 7.'],
    ['A b.{{#invoke:Math|max|17|18}}{{#property:P36}}{{#ifexist:X|1|2}}', 'A b.'],
  ];
  for (const [wikitext, shown] of cases) t.equal(lead(wikitext), shown, wikitext);
  t.end();
});

test('functions of a text show what MediaWiki documents', (t) => {
  // https://www.mediawiki.org/wiki/Help:Magic_words#Formatting
  const cases: readonly [string, string, string][] = [
    [
      'en',
      'A {{lc:DATA CENTER}}, {{UC:text}}, {{lcfirst:DATA}}, {{ucfirst:tExT}}.',
      'A data center, TEXT, dATA, TExT.',
    ],
    ['tr', 'A {{uc:istanbul}}.', 'A İSTANBUL.'],
    [
      'en',
      'A {{padleft:xyz|5}}, {{padleft:xyz|5|_}}, {{padright:xyz|5}}, {{padleft:7|x}}.',
      'A 00xyz, __xyz, xyz00, 7.',
    ],
    [
      'en',
      '1 {{plural:1|year|years}}, 2 {{plural:2|year|years}}, 0 {{plural:0|0=none|year|years}}.',
      '1 year, 2 years, 0 none.',
    ],
    ['fr', '0 {{plural:0|an|ans}}.', '0 an.'],
    ['ru', '3 {{plural:3|год|года|лет}}, 5 {{plural:5|год|года|лет}}.', '3 года, 5 лет.'],
    ['en', '2 {{plural:2|sheep}}{{plural:2}}.', '2 sheep.'],
  ];
  for (const [language, wikitext, shown] of cases)
    t.equal(lead(wikitext, language), shown, wikitext);
  t.end();
});

test('expressions have the values that MediaWiki documents', (t) => {
  // https://www.mediawiki.org/wiki/Help:Extension:ParserFunctions
  const cases: readonly [string, string][] = [
    ['1 + 1', '2'],
    ['15 / 4', '3.75'],
    ['8 mod 3', '2'],
    ['-8 mod 3', '-2'],
    ['123.456 round -2', '100'],
    ['9.876 round 2', '9.88'],
    ['(3 + 4) * 2 ^ 3', '56'],
    ['0.1 + 0.2', '0.3'],
    ['not 0 and 3 >= 3', '1'],
    ['trunc 3.9 + abs -2', '5'],
    ['2.5e3', '2500'],
    ['1 / 0', ''],
    ['', ''],
    ['1 +', ''],
    ['(1', ''],
    ['constructor 1', ''],
    ['1 2', ''],
  ];
  for (const [expression, value] of cases) {
    t.equal(shownValue(evaluate(expression)), value, expression);
  }
  t.end();
});
