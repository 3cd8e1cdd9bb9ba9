// The shard's sections and this instance's scratch lie in one imported memory. The host has checked
// the sections before an instance is made; here nothing is checked.

/** What the host says of the memory, once. All pointers are in bytes. */
@unmanaged
export class Layout {
  documents: u32;
  impacts: u32;
  lengths: u32;
  ranks: u32;
  directory: u32;
  buckets: u32;
  exceptions: u32;
  exceptionCount: u32;
  rows: u32;
  scratch: u32;
  k1: f64;
  b: f64;
  averageLength: f64;
}

/** A term's postings in one window: where they begin, and the greatest impact among them; 6 bytes. */
@unmanaged
export class DirectoryEntry {
  start: u32;
  window: u8;
  greatest: u8;
}

/** A term of the query. */
@unmanaged
export class Term {
  weight: f64;
  multiplier: i32;
  /** The next directory entry to look at, and the end of the term's entries. */
  next: i32;
  end: i32;
  reserved: i32;
}

/** A query as the host writes it; its terms follow. */
@unmanaged
export class Query {
  terms: i32;
  k: i32;
  /** Added to the rows of this shard. */
  firstRow: i32;
  /** Best rows that an earlier shard has left in the scratch, and the threshold that it reached. */
  found: i32;
  threshold: i32;
  reserved: i32;
  /** What a score is multiplied with to be held against sums of multiplier times impact. */
  scale: f64;
}

/** Postings of one term in the window that is searched. */
@unmanaged
export class List {
  weight: f64;
  start: i32;
  end: i32;
  /** The part of start..end that lies in the range that is searched. */
  from: i32;
  to: i32;
  multiplier: i32;
  /** The most that the list adds to a sum. */
  bound: i32;
  /** Where its buckets lie; 0 for a short list, which has none. */
  buckets: usize;
  /** Bound by posting: lists that cost much for little come first. */
  density: f32;
}

/** A found row; the best ones lie sorted in the scratch. */
@unmanaged
export class Best {
  score: f64;
  row: i32;
  /** Orders equal scores. */
  rank: u32;
}

export const windowRows: i32 = 65536;
export const mostTerms: i32 = 128;
export const mostBest: i32 = 1024;

const padding: usize = 128;
const accumulatorBytes: usize = 2 * windowRows + padding;
const candidateBytes: usize = 2 * windowRows + padding;
const sumBytes: usize = 4 * windowRows + padding;
const bestBytes: usize = offsetof<Best>() * (mostBest + 1);
const listBytes: usize = offsetof<List>() * mostTerms;
const orderBytes: usize = 4 * mostTerms;
/** Frequencies whose weights are kept while a row is scored; those above never follow from impacts. */
const greatestFrequency: i32 = 255;
const weightBytes: usize = 8 * (greatestFrequency + 2);

let layout: Layout = changetype<Layout>(0);
export let documents: usize = 0;
export let impacts: usize = 0;
export let directory: usize = 0;
export let buckets: usize = 0;
export let rows: i32 = 0;
/** A sum of 16 bits for every row of a window; all 0 between two ranges. */
export let accumulators: usize = 0;
/** Rows of the window as 16 bits that may be among the best, and their sums as 32. */
export let candidates: usize = 0;
export let sums: usize = 0;
export let best: usize = 0;
export let lists: usize = 0;
/** Indexes of lists. */
export let order: usize = 0;
/** By frequency: the weight in the row that is scored, and the impact. */
let weights: usize = 0;
let weightImpacts: usize = 0;
export let queryAt: usize = 0;

/** Takes over where everything lies. The host calls it before anything else. */
export function configure(at: usize): void {
  layout = changetype<Layout>(at);
  documents = layout.documents;
  impacts = layout.impacts;
  directory = layout.directory;
  buckets = layout.buckets;
  rows = layout.rows;
  accumulators = layout.scratch;
  candidates = accumulators + accumulatorBytes;
  sums = candidates + candidateBytes;
  best = sums + sumBytes;
  lists = best + bestBytes;
  order = lists + listBytes;
  weights = (order + orderBytes + 7) & ~7;
  weightImpacts = weights + weightBytes;
  queryAt = weightImpacts + weightBytes;
}

/** Bytes of scratch that an instance needs, the query's included. */
export function scratchBytes(): usize {
  const query = offsetof<Query>() + mostTerms * offsetof<Term>();
  const sumsAndLists = accumulatorBytes + candidateBytes + sumBytes + bestBytes + listBytes;
  return sumsAndLists + orderBytes + 2 * weightBytes + query + padding;
}

/** Where the host writes the query. */
export function queryPointer(): usize {
  return queryAt;
}

/** Where the host reads the best rows. */
export function bestPointer(): usize {
  return best;
}

// @ts-ignore: decorator
@inline
export function listAt(i: i32): List {
  return changetype<List>(lists + <usize>i * offsetof<List>());
}

/** The list at place `i` of the order. */
// @ts-ignore: decorator
@inline
export function ordered(i: i32): List {
  return listAt(load<i32>(order + (<usize>i << 2)));
}

// @ts-ignore: decorator
@inline
export function entryAt(i: i32): DirectoryEntry {
  return changetype<DirectoryEntry>(directory + <usize>i * offsetof<DirectoryEntry>());
}

let norm: f64 = 0;
let knownWeights: i32 = 0;

/** Begins to score a row of the shard: what follows from its length. */
export function beginRow(row: i32): void {
  const length = <f64>load<u32>(<usize>layout.lengths + (<usize>row << 2));
  norm = layout.k1 * (1 - layout.b + (layout.b * length) / layout.averageLength);
  knownWeights = 0;
}

/** The BM25 weight of posting `p` of the row that was begun last. */
export function termWeight(p: i32): f64 {
  const impact = <i32>load<u8>(impacts + <usize>p);
  let frequency = 1;
  while (frequency < greatestFrequency && impactOf(frequency) < impact) frequency++;
  if (frequency == greatestFrequency || impactOf(frequency + 1) == impact) {
    const exact = exceptionOf(p, frequency);
    if (exact != frequency) return weightOf(exact);
  }
  return frequency < greatestFrequency
    ? load<f64>(weights + (<usize>frequency << 3))
    : weightOf(frequency);
}

// @ts-ignore: decorator
@inline
function weightOf(frequency: i32): f64 {
  return (<f64>frequency * (layout.k1 + 1)) / (<f64>frequency + norm);
}

/** The impact of a frequency up to the greatest in the row; its weight is known after it. */
// @ts-ignore: decorator
@inline
function impactOf(frequency: i32): i32 {
  if (frequency > knownWeights) learnWeight(frequency);
  return load<i32>(weightImpacts + (<usize>frequency << 3));
}

/** Frequencies are asked for one after the other. */
function learnWeight(frequency: i32): void {
  const weight = weightOf(frequency);
  const impact = <i32>Math.min(255, Math.ceil((255 * weight) / (layout.k1 + 1)));
  store<f64>(weights + (<usize>frequency << 3), weight);
  store<i32>(weightImpacts + (<usize>frequency << 3), impact);
  knownWeights = frequency;
}

export function rankOf(row: i32): u32 {
  return load<u32>(<usize>layout.ranks + (<usize>row << 2));
}

/** The frequency of a posting among the exceptions; `usual` where it is none. */
function exceptionOf(p: i32, usual: i32): i32 {
  let low = 0;
  let high = <i32>layout.exceptionCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = <usize>layout.exceptions + (<usize>middle << 3);
    const posting = load<u32>(at);
    if (posting == <u32>p) return load<i32>(at, 4);
    if (posting < <u32>p) low = middle + 1;
    else high = middle;
  }
  return usual;
}
