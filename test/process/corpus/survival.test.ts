import { test } from 'tap';

import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { measureSurvival } from '../../material/corpus/number-survival.ts';
import { articlePages } from '../../material/corpus/read-dump-pages.ts';
import { lostNumbers, visibleNumbers } from '../../material/corpus/visible-numbers.ts';

const needsSharedData = { skip: missingShared('mediawiki', 'wiki84k') };

test('what shows of a wikitext is told without the converter', (t) => {
  const wikitext =
    'In 1999<ref>17</ref> {{convert|5|km|mi|1}} [[a 3|b 4]].<!-- 6 -->\n* item 7\n{|\n! 8\n|- style="9"\n| width="10" | 11 || 12\n|}\n' +
    '{{Infobox x|population = 1,300\n|image = 14.jpg}}[[File:15.jpg|thumb|16 [[x]]]]{{cite web|year=2001}}';
  const visible = visibleNumbers(wikitext);
  t.strictSame(visible, {
    prose: ['1999', '4'],
    lists: ['7'],
    templates: ['5'],
    infoboxes: ['1300'],
    tables: ['8', '11', '12'],
  });
  t.strictSame(lostNumbers(visible, '1999 4 4 7 1,300 8 11').templates, ['5']);
  t.end();
});

test(
  'the numbers of the English dump survive, and more than with the library alone',
  needsSharedData,
  async (t) => {
    const pages = await articlePages(sharedFile('mediawiki/enwiki-2016-206pages.xml.bz2'));
    const floors: Readonly<Record<string, number>> = {
      prose: 0.999,
      lists: 0.998,
      templates: 0.97,
      infoboxes: 0.99,
      tables: 0.98,
      'dates in words': 0.999,
    };
    for (const { place, visible, kept, libraryKept, lost } of measureSurvival(pages)) {
      t.comment(`${place}: ${kept} of ${visible} kept, by the library alone ${libraryKept}`);
      t.ok(
        kept / visible >= (floors[place] ?? 1),
        `${place}: ${kept} of ${visible}; lost: ${lost.join(', ')}`,
      );
      t.ok(kept >= libraryKept, `${place}: no fewer than by the library alone (${libraryKept})`);
    }
  },
);
