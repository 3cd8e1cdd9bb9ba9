import { hash } from 'node:crypto';

import type { DumpPage, DumpSite } from './dump-page.ts';

/** The address of a page, as MediaWiki writes it; undefined where the dump names no site. */
export function pageUrl(site: DumpSite, title: string): string | undefined {
  if (!site.base.includes('/')) return undefined;
  const folder = site.base.slice(0, site.base.lastIndexOf('/') + 1);
  const name = encodeURIComponent(title.replaceAll(' ', '_'));
  return folder + name.replaceAll(/%(?:3A|2F|2C|40|24|3B)/g, decodeURIComponent);
}

/**
 * The number of a page's namespace: as the dump says, or (schema before 0.6) by the prefix of its
 * title; 0 where neither tells.
 */
export function namespaceOf(page: DumpPage, site: DumpSite): number {
  if (page.namespace !== undefined) return page.namespace;
  const colon = page.title.indexOf(':');
  if (colon <= 0) return 0;
  const prefix = page.title.slice(0, colon);
  for (const [number, name] of site.namespaces) if (name === prefix) return number;
  return 0;
}

/** The language of the site's texts; English where the dump does not say. */
export function languageOf(site: DumpSite): string {
  return site.language === '' ? 'en' : site.language;
}

const fileNamespace = 6;

/** The names of the file namespace, which English ones are added to. */
export function fileNamesOf(site: DumpSite): readonly string[] {
  const name = site.namespaces.get(fileNamespace);
  return name === undefined || name === '' ? [] : [name];
}

// English names and abbreviations of namespaces, and sister projects.
const commonPrefixes = [
  'category file image media help template module portal special user draft wikipedia project',
  'talk wp mos wiktionary wikt commons wikimedia wikisource wikiquote wikibooks wikinews',
  'wikiversity wikivoyage wikidata wikispecies meta mediawiki',
].flatMap((names) => names.split(' '));
const prefixesBySite = new WeakMap<DumpSite, string>();

/**
 * What stands before the colon of links that lead to no article: names in small letters, each
 * between bars. One text, as it goes to a worker with every page.
 */
export function linkPrefixesOf(site: DumpSite): string {
  const known = prefixesBySite.get(site);
  if (known !== undefined) return known;
  const own = [...site.namespaces].filter(([number]) => number !== 0);
  const names = [...commonPrefixes, ...own.map(([, name]) => name.toLowerCase())];
  const prefixes = `|${names.join('|')}|`;
  prefixesBySite.set(site, prefixes);
  return prefixes;
}

/** The id of a page; where the dump has none (schema 0.3), one that follows from the title. */
export function pageIdOf(page: DumpPage): string {
  return page.id !== undefined && /^\d+$/.test(page.id)
    ? page.id
    : `t${hash('sha256', page.title).slice(0, 16)}`;
}
