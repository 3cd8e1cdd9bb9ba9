import { setTimeout as sleep } from 'node:timers/promises';

import { SspError } from '../../../src/errors/error.ts';
import { indexFormatVersion } from '../../../src/types/index-manifest.ts';
import type { Passage } from '../../../src/types/passage.ts';
import type {
  Hit,
  QueryResult,
  Retriever,
  SearchIndex,
  SearchMode,
} from '../../../src/types/retriever.ts';

/** How a stand-in behaves. */
export interface StandInOptions {
  readonly passages?: readonly Passage[];
  readonly aliases?: Readonly<Record<string, string>>;
  readonly modes?: readonly SearchMode[];
  /** Runs before every batch: delays, failures, records. */
  readonly onBatch?: (
    mode: SearchMode,
    queries: readonly string[],
    signal: AbortSignal | undefined,
  ) => Promise<void> | void;
}

/**
 * Stands in for a LanceDB index where a test needs one whose delays and failures it chooses: brute
 * force over a handful of passages. A hit's score is the number of query words in title and text.
 */
export function standInIndex(options: StandInOptions = {}): SearchIndex & { closed: boolean } {
  const { passages = towns, aliases = {}, modes = ['bm25'] } = options;
  const retriever = (mode: SearchMode): Retriever => ({
    mode,
    async search(queries, { topK, signal }) {
      await options.onBatch?.(mode, queries, signal);
      return queries.map((query) => rank(passages, query, topK));
    },
    explain: () => Promise.reject(new Error('not asked in these tests')),
  });
  const corpusHash = '0'.repeat(64);
  return {
    manifest: {
      formatVersion: indexFormatVersion,
      toolVersion: '0.0.0',
      corpusHash,
      passages: passages.length,
      passagesHash: '2'.repeat(64),
      aliases: Object.keys(aliases).length,
    },
    manifestHash: '1'.repeat(64),
    generation: 'stand-in',
    files: {
      count: 0,
      bytes: 0,
      checkSizes: () => Promise.resolve(),
      checkHashes: () => Promise.resolve(),
    },
    modes,
    retriever(mode) {
      if (modes.includes(mode)) return retriever(mode);
      throw new SspError('SSP_MODE_UNAVAILABLE', { mode, modes: modes.join(', ') });
    },
    passage: (id) => Promise.resolve(passages.find((passage) => passage.id === id)),
    page(title) {
      const target = aliases[title] ?? title;
      const own = passages.filter((passage) => passage.title === target);
      if (own.length === 0) return Promise.resolve(undefined);
      const redirected = target === title ? {} : { redirectedFrom: title };
      return Promise.resolve({ title: target, ...redirected, passages: own });
    },
    sample: (count) => Promise.resolve(passages.slice(0, count)),
    closed: false,
    close() {
      this.closed = true;
      return Promise.resolve();
    },
  };
}

/** Waits, and ends with the signal's reason when it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal });
}

/** The stand-in's own ranking: what a test compares replies with. */
export function rank(passages: readonly Passage[], query: string, topK: number): QueryResult {
  const words = new Set(query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const hits = passages
    .map((passage) => ({ passage, score: scoreOf(passage, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.passage.id < b.passage.id ? -1 : 1))
    .slice(0, topK)
    .map(({ passage, score }, row): Hit => {
      const { flag, ...rest } = passage;
      if (flag !== undefined) throw new Error('the stand-in knows no flags');
      return { ...rest, score, rank: row + 1 } as Hit;
    });
  return { hits, truncated: words.size > 100 };
}

function scoreOf({ title, text }: Passage, words: ReadonlySet<string>): number {
  const own = new Set(`${title} ${text}`.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  return [...words].filter((word) => own.has(word)).length;
}

export const towns: readonly Passage[] = [
  {
    id: '1-0',
    title: 'Velmora',
    text: 'Velmora is a town on the river Sarn. It was founded in 1284 by monks. Its market hall still stands.',
    url: 'https://wiki.example/Velmora',
  },
  { id: '1-1', title: 'Velmora', text: 'The town exports glass and salt.', section: 'Economy' },
  {
    id: '2-0',
    title: 'Sarn',
    text: 'The Sarn is a river of 212 km that passes Velmora and Ostrel.',
  },
  { id: '3-0', title: 'Ostrel', text: 'Ostrel, called the "Gate", is a harbour town.' },
  { id: '4/a-0', title: 'AC/DC', text: 'A band. Not a town.' },
  { id: '5-0', title: 'Žižkov? 100%', text: 'A quarter with a television tower.' },
];
