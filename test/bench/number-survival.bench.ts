// Which share of the numbers and dates that show in Wikipedia's text does a corpus keep?
import { measureSurvival } from '../material/corpus/number-survival.ts';
import { articlePages } from '../material/corpus/read-dump-pages.ts';
import { printTable, recordFigures } from './record.ts';
import { missingShared, sharedFile } from './shared-data.ts';

const dump = 'mediawiki/enwiki-2016-206pages.xml.bz2';
const missing = missingShared(dump);
if (missing !== false) {
  process.stdout.write(`left out: ${missing}\n`);
} else {
  const rows = measureSurvival(await articlePages(sharedFile(dump)));
  printTable(
    rows.map(({ place, visible, kept, libraryKept }) => ({
      place,
      visible,
      'kept %': ((100 * kept) / visible).toFixed(2),
      'library alone %': ((100 * libraryKept) / visible).toFixed(2),
    })),
  );
  const figures = rows.flatMap(({ place, visible, kept, libraryKept }) => [
    { measure: `${place}, share kept`, value: kept / visible },
    { measure: `${place}, share kept by wtf_wikipedia alone`, value: libraryKept / visible },
  ]);
  await recordFigures(import.meta.url, figures, { rows });
}
