import wtf from 'wtf_wikipedia';

import { parseArticle } from '../../../corpus/article.ts';
import type { DumpPage } from '../../../corpus/dump-parser.ts';
import type { Place } from './visible-numbers.ts';
import { lostNumbers, places, visibleDates, visibleNumbers } from './visible-numbers.ts';

/** How many of the numbers in one place of the articles were kept. */
export interface Survival {
  readonly place: Place | 'dates in words';
  readonly visible: number;
  /** Kept by this project. */
  kept: number;
  /** Kept by the library's own text. */
  libraryKept: number;
  /** The first ones lost, with their page. */
  readonly lost: string[];
}

const shownLosses = 12;

/** Counts the visible numbers and dates that the text of the articles still has. */
export function measureSurvival(pages: readonly DumpPage[], language = 'en'): Survival[] {
  const rows = new Map<string, Survival & { visible: number }>();
  const row = (place: Survival['place']): Survival & { visible: number } => {
    const found = rows.get(place) ?? { place, visible: 0, kept: 0, libraryKept: 0, lost: [] };
    rows.set(place, found);
    return found;
  };
  for (const page of pages) {
    const text = projectText(page, language);
    const libraryText = wtf(page.text, { title: page.title }).text();
    const words = text.replaceAll(/\s+/g, ' ');
    const visible = visibleNumbers(page.text, language);
    const lost = lostNumbers(visible, text);
    const libraryLost = lostNumbers(visible, libraryText);
    for (const place of places) {
      const counts = row(place);
      counts.visible += visible[place].length;
      counts.kept += visible[place].length - lost[place].length;
      counts.libraryKept += visible[place].length - libraryLost[place].length;
      counts.lost.push(...lost[place].map((number) => `${page.title}: ${number}`));
    }
    const dates = row('dates in words');
    const libraryWords = libraryText.replaceAll(/\s+/g, ' ');
    for (const date of visibleDates(page.text, language)) {
      dates.visible += 1;
      if (words.includes(date)) dates.kept += 1;
      else dates.lost.push(`${page.title}: ${date}`);
      if (libraryWords.includes(date)) dates.libraryKept += 1;
    }
  }
  return [...rows.values()].map((counts) => ({
    ...counts,
    lost: counts.lost.slice(0, shownLosses),
  }));
}

/** The text of a page as a corpus has it, infoboxes last; '' for a redirect. */
export function projectText({ title, text, timestamp }: DumpPage, language: string): string {
  const names = { fileNames: [], categoryNames: [], linkPrefixes: '' };
  const source = { title, text, language, editedAt: timestamp, ...names };
  const article = parseArticle(source, { infoboxes: true, tables: true });
  if (article.kind === 'redirect') return '';
  return [...article.parts, ...article.infoboxes].map((part) => part.text).join('\n');
}
