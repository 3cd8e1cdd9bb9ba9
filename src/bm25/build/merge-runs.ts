import { MergeQueue } from '../../concurrency/merge-queue.ts';
import type { DictionaryWriter } from '../dictionary.ts';
import { createDictionaryWriter } from '../dictionary.ts';
import { averageLength, usualShardWindows, windowRows, writeDescription } from '../format.ts';
import type { Bm25Parameters } from '../formula.ts';
import type { RunPostings, RunReader } from './run-file.ts';
import { openRun } from './run-file.ts';
import type { ShardWriter } from './shard-writer.ts';
import { createShardWriter } from './shard-writer.ts';
import type { StoredImpacts } from './stored-impacts.ts';
import { createStoredImpacts, exceptional } from './stored-impacts.ts';

/** What an engine is made of. */
export interface MergeRequest extends Bm25Parameters {
  /** One run a window, in the order of the windows; all but the last hold 65,536 rows. */
  readonly runs: readonly string[];
  /** A row's place in the order of equal scores. */
  readonly ranks: Uint32Array;
  /** Where the engine's files go. */
  readonly folder: string;
  /** The most windows of a shard. */
  readonly shardWindows?: number;
  /** What the postings of a shard may take. */
  readonly shardBytes?: number;
  /** Told how many postings have been written since it was told last. */
  readonly onPostings?: (count: number) => void;
}

/** Merges runs into an engine. Memory grows by 8 bytes a row and 500 kB a run. */
export function mergeRuns(request: MergeRequest): void {
  const { runs, ranks, folder, k1, b, onPostings } = request;
  const readers = runs.map(openRun);
  const shardWindows = windowsOfShard(readers, request);
  const rows = readers.reduce((sum, { lengths }) => sum + lengths.length, 0);
  const occurrences = readers.reduce((sum, run) => sum + run.occurrences, 0);
  const average = averageLength({ rows, occurrences });
  const impactOf = createStoredImpacts(average, { k1, b });
  const shardCount = Math.ceil(runs.length / shardWindows);
  const shards = Array.from({ length: shardCount }, (_v, i) => createShardWriter(folder, i));
  const dictionary = createDictionaryWriter(folder);
  writePostings({ readers, impactOf, shards, shardWindows, dictionary, onPostings });
  dictionary.end();
  for (const [i, shard] of shards.entries()) {
    const inShard = readers.slice(i * shardWindows, (i + 1) * shardWindows);
    const first = i * shardWindows * windowRows;
    const lengths = concatenated(inShard.map((reader) => reader.lengths));
    shard.end(lengths, ranks.subarray(first, first + lengths.length));
  }
  for (const reader of readers) reader.close();
  writeDescription(folder, {
    rows,
    terms: dictionary.terms,
    occurrences,
    k1,
    b,
    shardWindows,
    shardPostings: shards.map(({ postings }) => postings),
  });
}

/** What 32-bit addresses reach, but for a quarter: where terms begin, and scratch. */
const usualShardBytes = 3 * 2 ** 30;

/** Windows of each shard but the last; shards of long passages have fewer. */
function windowsOfShard(
  readers: readonly RunReader[],
  { shardWindows = usualShardWindows, shardBytes = usualShardBytes }: MergeRequest,
): number {
  const largest = readers.reduce((most, reader) => Math.max(most, reader.shardBytes), 1);
  return Math.max(1, Math.min(shardWindows, Math.floor(shardBytes / largest)));
}

interface Merge {
  readonly readers: readonly RunReader[];
  readonly impactOf: StoredImpacts;
  readonly shards: readonly ShardWriter[];
  readonly shardWindows: number;
  readonly dictionary: DictionaryWriter;
  readonly onPostings: MergeRequest['onPostings'];
}

const reportedPostings = 1_000_000;

function writePostings(merge: Merge): void {
  const { readers, impactOf, shards, shardWindows, dictionary, onPostings } = merge;
  const waiting = new TermQueue(readers);
  const impacts = new Uint8Array(windowRows);
  let unreported = 0;
  for (let term = waiting.term(); term !== undefined; term = waiting.term()) {
    for (const shard of shards) shard.beginTerm();
    let passages = 0;
    for (const window of waiting.takeTerm(term)) {
      const reader = readers[window];
      if (reader === undefined) continue;
      const postings = reader.takePostings();
      const { rows } = postings;
      const ofRows = impacts.subarray(0, rows.length);
      const exceptions = fillImpacts(ofRows, postings, reader.lengths, impactOf);
      shards[Math.floor(window / shardWindows)]?.append({
        window: window % shardWindows,
        rows,
        impacts: ofRows,
        exceptions,
      });
      waiting.giveBack(window);
      passages += rows.length;
    }
    dictionary.append(term, passages);
    unreported += passages;
    if (unreported >= reportedPostings) {
      onPostings?.(unreported);
      unreported = 0;
    }
  }
  onPostings?.(unreported);
}

/** Fills the impacts of postings; gives those whose frequency does not follow from them. */
function fillImpacts(
  impacts: Uint8Array,
  { rows, frequencies }: RunPostings,
  lengths: Uint32Array,
  impactOf: StoredImpacts,
): [place: number, frequency: number][] {
  const exceptions: [number, number][] = [];
  for (let i = 0; i < impacts.length; i += 1) {
    const [frequency = 0, length = 0] = [frequencies[i], lengths[rows[i] ?? 0]];
    const stored = impactOf(frequency, length);
    impacts[i] = stored % exceptional;
    if (stored >= exceptional) exceptions.push([i, frequency]);
  }
  return exceptions;
}

/** The windows by the term that each of their runs comes to next. */
class TermQueue {
  readonly #readers: readonly RunReader[];
  readonly #queue: MergeQueue;

  constructor(readers: readonly RunReader[]) {
    this.#readers = readers;
    this.#queue = new MergeQueue((one, other) => {
      const [a, b] = [readers[one]?.term, readers[other]?.term];
      const order = a === undefined || b === undefined ? 0 : Buffer.compare(a, b);
      return order < 0 || (order === 0 && one < other);
    });
    for (const window of readers.keys()) this.giveBack(window);
  }

  /** The lowest term; undefined where no run has one left. */
  term(): Buffer | undefined {
    const { first } = this.#queue;
    return first === undefined ? undefined : this.#readers[first]?.term;
  }

  /** Takes out the windows that have come to `term`, in their order. */
  takeTerm(term: Buffer): number[] {
    const windows: number[] = [];
    while (this.term()?.equals(term) === true) {
      const window = this.#queue.take();
      if (window !== undefined) windows.push(window);
    }
    return windows;
  }

  /** Puts a window back whose postings were taken. */
  giveBack(window: number): void {
    if (this.#readers[window]?.term !== undefined) this.#queue.put(window);
  }
}

function concatenated(arrays: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
