// How many numbers of the corpus stand nowhere in another program's rendering of the same pages?
import type { DumpPage } from '../../corpus/dump-parser.ts';
import { projectText } from '../material/corpus/number-survival.ts';
import { numbersOf } from '../material/corpus/visible-numbers.ts';
import { independentTexts } from './peers/wikitext.ts';
import { printTable, recordFigures } from './record.ts';
import { missingShared } from './shared-data.ts';
import { wikiPages } from './wiki-pages.ts';

const sampledPages = 200;
const bar = 1;

/** Templates whose numbers are worked out: what they show stands in no source. Taken out of both texts. */
const computing =
  /\{\{\s*(?:convert|conv|cvt|converter|convertir|height|age|age in [a-z, ]+|time ?ago|years ago|percent and number|#expr|#ifexpr|birth (?:date|year) and age|death (?:date|year) and age|dda|bda|current[a-z]+|local[a-z]+|[^{}|]*(?:yaşı|og alder|och ålder|a věk|e idade)|没年齢|生年月日と年齢|死亡年月日と没年齢|formatnum:\s*\{\{[^{}]*\}\})\s*(?:[|:][^{}]*)?\}\}/giu;

interface Sampled {
  readonly language: string;
  readonly page: DumpPage;
}

/** The same pages each time: all languages in turn, and of each its longest pages first. */
async function sample(): Promise<Sampled[]> {
  const wikis = await wikiPages();
  const queues = wikis.map(({ language, pages }) =>
    [...pages].sort((a, b) => b.text.length - a.text.length).map((page) => ({ language, page })),
  );
  const chosen: Sampled[] = [];
  for (let round = 0; chosen.length < sampledPages; round += 1) {
    const found = queues.flatMap((queue) => queue[round] ?? []);
    if (found.length === 0) break;
    chosen.push(...found);
  }
  return chosen.slice(0, sampledPages);
}

function withoutComputing(text: string): string {
  return text.replaceAll(computing, ' ');
}

const missing = missingShared('mediawiki');
if (missing !== false) {
  process.stdout.write(`left out: ${missing}\n`);
} else {
  const pages = (await sample()).map(({ language, page }) => ({
    language,
    page: { ...page, text: withoutComputing(page.text) },
    asItIs: page,
  }));
  const { version, texts } = await independentTexts(pages.map(({ page }) => page.text));
  const found: string[] = [];
  let [numbers, nowhere, computed] = [0, 0, 0];
  pages.forEach(({ language, page, asItIs }, index) => {
    const shown = projectText(page, language);
    const stands = standingNumbers(texts[index] ?? '');
    const inSource = standingNumbers(page.text);
    const own = numbersOf(shown);
    numbers += own.length;
    computed += numbersOf(projectText(asItIs, language)).length - own.length;
    for (const number of own) {
      if (stands.has(number)) continue;
      const isInSource = inSource.has(number);
      if (!isInSource) nowhere += 1;
      found.push(
        `${language} ${page.title}: ${number}${isInSource ? '' : ', nowhere in the source'}`,
      );
    }
  });
  printTable([{ pages: pages.length, numbers, 'not in the rendering': found.length, nowhere }]);
  await recordFigures(
    import.meta.url,
    [
      { measure: `numbers of ${pages.length} pages`, value: numbers },
      {
        measure: 'per 10,000, not in the rendering',
        value: (1e4 * found.length) / numbers,
        bar,
        atMost: true,
      },
      {
        measure: 'per 10,000, not in the wikitext either',
        value: (1e4 * nowhere) / numbers,
        bar,
        atMost: true,
      },
      { measure: 'numbers of templates that compute, not judged', value: computed },
    ],
    { mwparserfromhell: version, found },
  );
}

/**
 * The numbers that a text can be read to hold: each run of digits, and up to five that only signs and entities
 * divide, joined, as `1 234 567` is one number and so is `18,9`.
 */
function standingNumbers(text: string): Set<string> {
  const stands = new Set<string>();
  const decoded = text.replaceAll(/&#?\w{1,8};/g, ' ');
  for (const [group] of decoded.matchAll(/\p{Nd}+(?:[^\p{L}\p{Nd}]{1,3}\p{Nd}+)*/gu)) {
    const runs = group.match(/\p{Nd}+/gu) ?? [];
    runs.forEach((_run, start) => {
      for (let count = 1; count <= 5; count += 1) {
        const [number = ''] = numbersOf(runs.slice(start, start + count).join(''));
        stands.add(number);
      }
    });
  }
  return stands;
}
