import type { Test } from 'tap';
import { test } from 'tap';

import { TemplateCall } from '../../../corpus/wikitext/template-call.ts';
import { renderKnown } from '../../../corpus/wikitext/template-table.ts';

const rendered = (wikitext: string, language: string): string | undefined =>
  renderKnown(new TemplateCall(wikitext.slice(2, -2).split('|')), { title: 'Page', language });

function shows(t: Test, golden: readonly (readonly [string, string, string])[]): void {
  for (const [language, wikitext, shown] of golden) {
    t.equal(rendered(wikitext, language), shown, `${language} ${wikitext}`);
  }
  t.end();
}

test('day, month and year are told by their values, else by the template', (t) => {
  shows(t, [
    ['en', '{{birth date|1930|5|7}}', 'May 7, 1930'],
    ['en', '{{birth date|1930|5|7|df=y}}', '7 May 1930'],
    ['en', '{{birth date|7|5|1930}}', 'May 7, 1930'],
    ['en', '{{birth date|year=1930|month=5|day=7}}', 'May 7, 1930'],
    ['en', '{{start date|2001|9|11|8|46}}', 'September 11, 2001, 8:46'],
    ['es', '{{fecha de nacimiento|7|5|1930}}', '7 de mayo de 1930'],
    ['es', '{{fecha de nacimiento|7|mayo|1930|edad}}', '7 de mayo de 1930'],
    ['es', '{{fecha de inicio|1930|5|7}}', '7 de mayo de 1930'],
    ['es', '{{fecha|mayo|1930}}', 'mayo de 1930'],
    ['es', '{{birth date|1930|5|7}}', '7 de mayo de 1930'],
    ['en', '{{fecha de nacimiento|7|5|1930}}', '7 May 1930'],
    ['fr', '{{date de naissance|11|novembre|1866}}', '11 novembre 1866'],
    ['fr', '{{date de naissance|1er|mai|1930|en musique}}', '1er mai 1930'],
    ['fr', '{{date-|19 janvier|en sport}}', '19 janvier'],
    ['fr', '{{date||mai|1930}}', 'mai 1930'],
    ['fr', '{{date|976}}', '976'],
    ['ru', '{{дата рождения|7|5|1930}}', '7 мая 1930 г.'],
    ['pt', '{{dni|7|5|1930}}', '7 de maio de 1930'],
    ['cs', '{{datum narození a věk|1930|5|7}}', '7. května 1930'],
    ['ja', '{{生年月日と年齢|1930|5|7}}', '1930年5月7日'],
    // A year of two digits is told by the template alone.
    ['fr', '{{date de naissance|7|5|12}}', '7 mai 12'],
    ['fr', '{{birth date|12|5|7}}', '7 mai 12'],
    ['th', '{{birth date|1930|5|7}}', '7 พฤษภาคม 1930'],
  ]);
});

test('a part that is zero or missing does not show', (t) => {
  shows(t, [
    ['en', '{{birth date|1930|5|0}}', 'May 1930'],
    ['en', '{{birth date|1930|0|0}}', '1930'],
    ['en', '{{birth date|1930|05|00}}', 'May 1930'],
    ['es', '{{birth date|1930|5|0}}', 'mayo de 1930'],
    ['de', '{{birth date|1930|5}}', 'Mai 1930'],
    ['fr', '{{date de naissance|0|5|1930}}', 'mai 1930'],
    ['fr', '{{date|7|mai}}', '7 mai'],
    ['ja', '{{birth date|1930|0|0}}', '1930'],
  ]);
});

test('what is no date keeps its words', (t) => {
  shows(t, [
    ['es', '{{birth date|2001|2|30}}', '2001 2 30'],
    ['en', '{{birth date|2001|13|1}}', '2001 13 1'],
    ['en', '{{birth date|2001|2|29}}', '2001 2 29'],
    ['en', '{{birth date|2000|2|29}}', 'February 29, 2000'],
    ['fr', '{{date|7|vendémiaire|1793}}', '7 vendémiaire 1793'],
    ['en', '{{birth date|1930|5|c. 7}}', '1930 5 c. 7'],
    ['en', '{{birth-date|9 October 1940|October 9, 1940}}', '9 October 1940'],
    ['en', '{{birth date|May 7|1930}}', 'May 7 1930'],
    ['es', '{{fecha|7|5|c. 1930}}', '7 de mayo c. 1930'],
  ]);
});

test('years before Christ', (t) => {
  shows(t, [
    ['en', '{{birth date|-44|3|15}}', 'March 15, 44 BC'],
    ['en', '{{birth date|-44}}', '44 BC'],
    ['es', '{{birth date|-44|3|15}}', '15 de marzo de 44 a. C.'],
    ['fr', '{{date de naissance|15|3|-44}}', '15 mars 44 av. J.-C.'],
    ['de', '{{birth date|-44|3|0}}', 'März 44 v. Chr.'],
    ['ja', '{{birth date|-1}}', '紀元前1年'],
    ['en', '{{death date and age|14|8|19|-63|9|23}}', 'August 19, 14 (aged 75)'],
  ]);
});

test('the age at death follows from both dates, in the order of the template', (t) => {
  shows(t, [
    ['en', '{{death date and age|1980|12|8|1940|10|9}}', 'December 8, 1980 (aged 40)'],
    ['en', '{{death date and age|1980|0|0|1940|10|9}}', '1980 (aged 39–40)'],
    ['en', '{{death-date and age|8 December 1980|9 October 1940}}', '8 December 1980'],
    ['fr', '{{date de décès|21|septembre|1936|11|novembre|1866}}', '21 septembre 1936 (69 ans)'],
    ['es', '{{fecha de fallecimiento|8|12|1980|9|10|1940}}', '8 de diciembre de 1980 (40 años)'],
    ['es', '{{fecha de fallecimiento|8|12|1980}}', '8 de diciembre de 1980'],
    ['ja', '{{没年齢|1940|10|9|1980|12|8}}', '1980年12月8日 (40 年)'],
  ]);
});

test('eras and centuries', (t) => {
  shows(t, [
    ['en', '{{BCE|300}}', '300 BCE'],
    ['en', '{{AD|79}}', 'AD 79'],
    ['fr', '{{av JC}}', 'av. J.-C.'],
    ['fr', '{{s-|XIX|e}}', 'XIXe siècle'],
    ['fr', '{{s|I|er}}', 'Ier siècle'],
    ['fr', '{{-s-|II}}', 'IIe siècle av. J.-C.'],
    ['fr', '{{sp-|XVIII|e|au|XIX|e}}', 'XVIIIe au XIXe siècle'],
    ['fr', '{{sp-|XI|au|XIII}}', 'XIe au XIIIe siècle'],
    ['fr', '{{s2|XIX|XX}}', 'XIXe et XXe siècles'],
    ['fr', '{{s2-|I|er|II|e}}', 'Ier et IIe siècles'],
    ['fr', '{{IIIe siècle av. J.-C.}}', 'IIIe siècle av. J.-C.'],
    ['fr', '{{8e|producteur}}', '8e producteur'],
    ['fr', '{{e}}', 'e'],
    ['en', '{{e|24}}', '×10^24'],
    ['es', '{{siglo|V|a|s}}', 'siglo V a. C.'],
    ['es', '{{siglo|xix||S}}', 'Siglo XIX'],
    ['es', '{{siglo|XIX}}', 'XIX'],
    ['ru', '{{до н. э.}}', 'до н. э.'],
  ]);
});
