import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { writeJsonAtomic } from '../../../src/storage/atomic-file.ts';
import { hashOf } from '../../../src/storage/hash.ts';
import type { CorpusFile, CorpusManifest } from '../../../src/types/corpus-manifest.ts';
import { corpusFormatVersion } from '../../../src/types/corpus-manifest.ts';
import type { Alias, Passage } from '../../../src/types/passage.ts';
import { toolVersion } from '../../../src/version.ts';

/** Writes a finished corpus folder of given passages, in shards of `shardPassages`. */
export async function writeCorpus(
  folder: string,
  passages: readonly Passage[],
  aliases: readonly Alias[] = [],
  shardPassages = 1000,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const shards: CorpusFile[] = [];
  for (let first = 0; first < passages.length; first += shardPassages) {
    const file = `passages-${String(shards.length).padStart(5, '0')}.jsonl.gz`;
    shards.push(await writeLines(folder, file, passages.slice(first, first + shardPassages)));
  }
  const aliasFile =
    aliases.length === 0 ? undefined : await writeLines(folder, 'aliases.jsonl.gz', aliases);
  const files = [...shards, ...(aliasFile === undefined ? [] : [aliasFile])];
  await writeJsonAtomic(join(folder, 'manifest.json'), {
    formatVersion: corpusFormatVersion,
    toolVersion,
    source: 'json-lines',
    inputs: [],
    options: {},
    outcomes: { passages: passages.length },
    read: passages.length,
    passages: passages.length,
    aliases: aliases.length,
    shards,
    ...(aliasFile === undefined ? {} : { aliasFile }),
    corpusHash: hashOf(files.map(({ sha256 }) => `${sha256}\n`).join('')),
  } satisfies CorpusManifest);
}

async function writeLines(
  folder: string,
  file: string,
  rows: readonly unknown[],
): Promise<CorpusFile> {
  const bytes = gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeFile(join(folder, file), bytes);
  return { file, sha256: hashOf(bytes), bytes: bytes.length, records: rows.length };
}

const vocabulary = (
  'river mountain harbour castle painter composer railway bridge island forest museum battle ' +
  'treaty novel poet engine comet planet glacier volcano temple village market university ' +
  'parliament orchestra festival championship expedition dynasty'
).split(' ');

/** A small generator of pseudo-random numbers in 0..1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `count` passages of words drawn from a small vocabulary, so that many scores are close and every
 * fifth passage repeats the text before it under another id: equal scores are common. Ids do not
 * rise with the rows.
 */
export function smallPassages(count: number, seed = 7): Passage[] {
  const random = randomNumbers(seed);
  const word = (): string => vocabulary[Math.floor(random() * vocabulary.length)] ?? '';
  const passages: Passage[] = [];
  for (let row = 0; row < count; row += 1) {
    const previous = passages[row - 1];
    const id = `p${String((row * 7919) % 1_000_003).padStart(7, '0')}`;
    const length = 5 + Math.floor(random() * 30);
    const text = Array.from({ length }, word).join(' ');
    passages.push(
      previous !== undefined && row % 5 === 4
        ? { ...previous, id }
        : { id, title: `${word()} of ${word()}`, text },
    );
  }
  return passages;
}

/** Passages whose titles, ids and texts are awkward in SQL, in queries and in Arrow columns. */
export const awkwardPassages: readonly Passage[] = [
  { id: "o'brien-0", title: "Conan O'Brien", text: "It's a name with 'quotes' and \\ backslash." },
  { id: '"double"', title: 'He said "no"', text: 'Double quotes; DROP TABLE passages; --' },
  { id: 'Αθήνα-0', title: 'Αθήνα', text: 'Η πρωτεύουσα της Ελλάδας. 日本語 العربية 🚂' },
  { id: 'no-title', title: '', text: 'A passage without any title, about zeppelins.' },
  { id: 'lines-0', title: 'Two\nlines', text: 'first line\nsecond line\r\nthird' },
  {
    id: 'Paris-0',
    title: 'Paris',
    text: 'Capital of France.',
    section: '',
    url: 'https://example.org/wiki/Paris',
  },
  {
    id: 'Paris-1',
    title: 'Paris',
    text: 'It lies on the Seine.',
    section: 'Geography',
    url: 'https://example.org/wiki/Paris',
  },
  { id: 'list-0', title: 'List of cities', text: 'Paris, Berlin, Rome', flag: 'list' },
];
