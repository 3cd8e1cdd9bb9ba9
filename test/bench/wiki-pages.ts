import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

import type { DumpPage } from '../../corpus/dump-parser.ts';
import { articlePages } from '../material/corpus/read-dump-pages.ts';
import { sharedFile } from './shared-data.ts';

/** Articles of the Wikipedia in one language. */
export interface WikiPages {
  readonly language: string;
  readonly pages: readonly DumpPage[];
}

const dumps: readonly (readonly [string, string])[] = [
  ['en', 'enwiki-2016-206pages.xml.bz2'],
  ['fr', 'frwiki-22pages.xml'],
  ['ltg', 'ltgwiki-complete-2004pages.xml.bz2'],
  ['bg', 'bgwiki-utf16.xml.bz2'],
];

/**
 * The real articles of the shared data by language: the dumps, and the small dumps of 81 languages in the
 * folder SSP_BENCH_MINIDUMPS (`<language>.xml.bz2`), by default the shared one.
 */
export async function wikiPages(): Promise<WikiPages[]> {
  const folder = process.env['SSP_BENCH_MINIDUMPS'] ?? sharedFile('mediawiki/minidumps');
  const files = new Map<string, string[]>();
  const add = (language: string, path: string): void => {
    files.set(language, [...(files.get(language) ?? []), path]);
  };
  for (const [language, name] of dumps) add(language, sharedFile(`mediawiki/${name}`));
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.xml.bz2')) add(basename(name, '.xml.bz2'), `${folder}/${name}`);
  }
  const wikis: WikiPages[] = [];
  for (const [language, paths] of files) {
    const byTitle = new Map<string, DumpPage>();
    for (const path of paths) {
      for (const page of await articlePages(path)) {
        if (page.text !== '' && !byTitle.has(page.title)) byTitle.set(page.title, page);
      }
    }
    wikis.push({ language, pages: [...byTitle.values()] });
  }
  return wikis.sort((a, b) => (a.language < b.language ? -1 : 1));
}
