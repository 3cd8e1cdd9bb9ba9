import { test } from 'tap';

import { parseDay } from '../../../corpus/wikitext/calendar.ts';
import { TemplateCall } from '../../../corpus/wikitext/template-call.ts';
import { renderKnown } from '../../../corpus/wikitext/template-table.ts';

const context = { title: 'Page', language: 'en', editedAt: '2016-04-22T10:19:33Z' };

const rendered = (wikitext: string, changes: Partial<typeof context> = {}): string | undefined =>
  renderKnown(new TemplateCall(wikitext.slice(2, -2).split('|')), { ...context, ...changes });

test('ages between two days are those of the documentation on Wikipedia', (t) => {
  const golden: readonly [string, string][] = [
    ['{{age|1989|7|23|2003|7|14}}', '13'],
    ['{{age in days|2007|5|24|2008|4|23}}', '335'],
    ['{{age in days|19 Aug 2008|4 Sep 2010}}', '746'],
    ['{{age in years and days|1989|07|23|2003|07|14}}', '13 years, 356 days'],
    ['{{age in years and days|1989|07|23|1990|07|24}}', '1 year, 1 day'],
    ['{{age in years and days|2007|02|27|2008|03|02}}', '1 year, 4 days'],
    ['{{age in years and days|2007|02|27|2007|03|02}}', '3 days'],
    ['{{age in years and days|2007|03|02|2008|03|02}}', '1 year, 0 days'],
    ['{{age in years, months and days|2001|01|15|2008|09|05}}', '7 years, 7 months and 21 days'],
    ['{{age in years, months and days|2016|8|4|2016|9|5}}', '1 month and 1 day'],
    ['{{age in years, months and days|2007|3|12|2015|6|11}}', '8 years, 2 months and 30 days'],
    ['{{age in years, months and days|2007|3|12|2015|7|11}}', '8 years, 3 months and 29 days'],
  ];
  for (const [wikitext, shown] of golden) t.equal(rendered(wikitext), shown, wikitext);
  t.end();
});

test('now is when the page was last edited', (t) => {
  const golden: readonly [string, string][] = [
    ['{{age|1990|4|22}}', '26'],
    ['{{age|1990|4|23}}', '25'],
    ['{{age|year=1990|month=4|day=23}}', '25'],
    ['{{age in years|2015|4|22}}', '1 year'],
    ['{{age in years and months|1990|1|1}}', '26 years, 3 months'],
    ['{{age in days|2016|2|22}}', '60'],
    ['{{age in days|2016|2|22|show unit=full}}', '60 days'],
    ['{{time ago|Nov 6 2008}}', '7 years ago'],
    ['{{time ago|2016-02-20}}', '2 months ago'],
    ['{{time ago|21 April 2016}}', '1 day ago'],
    ['{{time ago|2017-04-23}}', 'in 1 year'],
    ['{{years or months ago|1944|12}}', '71 years ago'],
    ['{{as of}}', 'As of 2016'],
    ['{{monthyear-1}}', 'March 2016'],
    ['{{CURRENTYEAR}}', '2016'],
    ['{{CURRENTMONTH}}', '04'],
    ['{{LOCALMONTH1}}', '4'],
    ['{{CURRENTMONTHNAME}}', 'April'],
    ['{{CURRENTMONTHABBREV}}', 'Apr'],
    ['{{CURRENTDAY}}', '22'],
    ['{{REVISIONDAY2}}', '22'],
    ['{{CURRENTDOW}}', '5'],
    ['{{CURRENTDAYNAME}}', 'Friday'],
    ['{{CURRENTWEEK}}', '16'],
    ['{{CURRENTTIME}}', '10:19'],
    ['{{REVISIONTIMESTAMP}}', '20160422101933'],
  ];
  for (const [wikitext, shown] of golden) t.equal(rendered(wikitext), shown, wikitext);
  t.equal(rendered('{{CURRENTMONTHNAME}}', { language: 'pl' }), 'kwiecień');
  t.equal(rendered('{{CURRENTMONTHNAMEGEN}}', { language: 'pl' }), 'kwietnia');
  // ISO 8601: the first days of 2016 belong to the last week of 2015.
  t.equal(rendered('{{CURRENTWEEK}}', { editedAt: '2016-01-03T00:00:00Z' }), '53');
  t.end();
});

test('what is not known shows nothing', (t) => {
  for (const editedAt of ['', 'yesterday', '2016-02-30T00:00:00Z']) {
    for (const call of ['{{CURRENTYEAR}}', '{{age|1990|1|1}}', '{{time ago|2001-01-01}}']) {
      t.equal(rendered(call, { editedAt }), '', `${call} at "${editedAt}"`);
    }
  }
  for (const call of ['{{age|1990}}', '{{age|2020|1|1}}', '{{age|2015|2|30}}', '{{age|a king}}']) {
    t.equal(rendered(call), '', call);
  }
  t.end();
});

test('days are read as templates write them', (t) => {
  const day = { year: 2001, month: 1, day: 21 };
  const texts = ['2001-01-21', '20010121', '21 January 2001', 'Jan 21, 2001 3:45 PM'];
  for (const text of texts) t.strictSame(parseDay(text), day, text);
  for (const text of ['', '2001', 'August 2, 216 BCE', '30 February 2001', '3 Foo 2001']) {
    t.equal(parseDay(text), undefined, text);
  }
  t.end();
});
