// MaxScore (Turtle and Flood 1995) over windows of rows with sums of 16 bits, and exact scores for
// the rows that may be among the best. A sum is never below the scaled score of its row, so nothing
// that belongs to the best is missed.
import { addDense, addSparse, clearDense, scanDense, setSparse, sift } from './accumulate';
import { bucketsOf, find, lowerBound, refine } from './lookup';
import {
  beginRow,
  Best,
  best,
  candidates,
  documents,
  entryAt,
  impacts,
  List,
  listAt,
  order,
  ordered,
  Query,
  queryAt,
  rankOf,
  rows,
  sums,
  Term,
  termWeight,
  windowRows,
} from './memory';

export { bestPointer, configure, queryPointer, scratchBytes } from './memory';

/** Ranges of the first window, until the threshold means something; they double. */
const firstRange: i32 = 2048;
const range: i32 = 32768;
/** With more than a posting in so many rows a range is scanned whole. */
const denseRows: i32 = 24;
/** A score loses less than this by rounding. */
const roundingSlack: f64 = 1 - 1e-12;

let k: i32 = 0;
let found: i32 = 0;
/** A row whose sum is not above it cannot be among the best. */
let threshold: i32 = 0;
let scale: f64 = 0;
let listCount: i32 = 0;

/** Searches the query at `queryPointer()`. Gives how many best rows there are. */
export function search(): i32 {
  const query = changetype<Query>(queryAt);
  k = query.k;
  found = query.found;
  threshold = query.threshold;
  scale = query.scale;
  let step = found < k ? firstRange : range;
  for (let first = 0; first < rows; first += windowRows) {
    if (gather(query, first >>> 16) <= threshold) continue;
    sortByDensity();
    searchWindow(first, query.firstRow, step);
    step = range;
  }
  query.threshold = threshold;
  return found;
}

/** Collects the lists of the window; gives the greatest sum that a row can have. */
function gather(query: Query, window: i32): i32 {
  let total = 0;
  listCount = 0;
  for (let i = 0; i < query.terms; i++) {
    const term = changetype<Term>(queryAt + offsetof<Query>() + <usize>i * offsetof<Term>());
    const next = term.next;
    if (next >= term.end) continue;
    const entry = entryAt(next);
    if (<i32>entry.window != window) continue;
    term.next = next + 1;
    const list = listAt(listCount++);
    list.weight = term.weight;
    list.start = entry.start;
    list.end = entryAt(next + 1).start;
    list.from = list.start;
    list.multiplier = term.multiplier;
    list.bound = term.multiplier * <i32>entry.greatest;
    list.buckets = bucketsOf(list.start, list.end);
    list.density = <f32>list.bound / <f32>(list.end - list.start);
    total += list.bound;
  }
  return total;
}

function sortByDensity(): void {
  for (let i = 0; i < listCount; i++) {
    const density = listAt(i).density;
    let place = i;
    while (place > 0 && ordered(place - 1).density > density) {
      move(place - 1, place);
      place--;
    }
    store<i32>(order + (<usize>place << 2), i);
  }
}

// @ts-ignore: decorator
@inline
function move(from: i32, to: i32): void {
  store<i32>(order + (<usize>to << 2), load<i32>(order + (<usize>from << 2)));
}

function searchWindow(first: i32, firstRow: i32, step: i32): void {
  const left = rows - first;
  const end = left < windowRows ? (left + 63) & ~63 : windowRows;
  let from = 0;
  while (from < end) {
    const to = step < end - from ? from + step : end;
    const reachable = cutLists(to, to == end);
    if (reachable > threshold) searchRange(first, firstRow, from, to);
    for (let i = 0; i < listCount; i++) {
      const list = listAt(i);
      list.from = list.to;
    }
    from = to;
    if (step < range) step <<= 1;
  }
}

/** Ends the lists' parts before row `to`; gives the greatest sum that a row of the range can have. */
function cutLists(to: i32, isLast: bool): i32 {
  let total = 0;
  for (let i = 0; i < listCount; i++) {
    const list = listAt(i);
    list.to = isLast ? list.end : lowerBound(list.from, list.end, to);
    if (list.to > list.from) total += list.bound;
  }
  return total;
}

/** What the lists that are only looked into can add, after {@link splitLists}. */
let lookedIntoBound: i32 = 0;

/**
 * Puts first in the order the lists that are only looked into: those that cannot lift a row above the
 * threshold together, and are longer than all that are read (a look costs about as much as reading
 * sixteen postings). Gives how many they are.
 */
function splitLists(): i32 {
  let looked = 0;
  let bound = 0;
  for (let i = 0; i < listCount; i++) {
    const index = load<i32>(order + (<usize>i << 2));
    const list = listAt(index);
    const gain = list.to > list.from ? list.bound : 0;
    if (bound + gain > threshold) continue;
    bound += gain;
    for (let j = i; j > looked; j--) move(j - 1, j);
    store<i32>(order + (<usize>looked << 2), index);
    looked++;
  }
  let postings = 0;
  for (let i = looked; i < listCount; i++) postings += lengthOf(ordered(i));
  while (looked > 0) {
    const list = ordered(looked - 1);
    const length = lengthOf(list);
    if (length > postings) break;
    if (length > 0) bound -= list.bound;
    postings += length;
    looked--;
  }
  lookedIntoBound = bound;
  return looked;
}

// @ts-ignore: decorator
@inline
function lengthOf(list: List): i32 {
  return list.to - list.from;
}

function searchRange(first: i32, firstRow: i32, from: i32, to: i32): void {
  const looked = splitLists();
  const limit = threshold - lookedIntoBound;
  let postings = 0;
  for (let i = looked; i < listCount; i++) postings += lengthOf(ordered(i));
  const isDense = postings * denseRows > to - from;
  let end = isDense ? readDense(looked, from, to, limit) : readSparse(looked);
  end = sift(candidates, end, sums, limit, !isDense);
  let rest = lookedIntoBound;
  for (let i = looked - 1; i >= 0 && end > candidates; i--) {
    const list = ordered(i);
    if (lengthOf(list) == 0) continue;
    rest -= list.bound;
    end = refine(candidates, end, sums, list, threshold - rest);
  }
  if (found < k) scoreBestFirst(end, first, firstRow);
  scoreCandidates(end, first, firstRow, threshold);
  if (isDense) clearDense(from, to);
}

function readDense(looked: i32, from: i32, to: i32, limit: i32): usize {
  for (let i = looked; i < listCount; i++) {
    const list = ordered(i);
    const rowsEnd = documents + (<usize>list.to << 1);
    addDense(rowsAt(list), impactsAt(list), rowsEnd, list.multiplier);
  }
  return scanDense(from, to, limit, candidates);
}

function readSparse(looked: i32): usize {
  let end = candidates;
  for (let i = looked; i < listCount; i++) {
    const list = ordered(i);
    const rowsEnd = documents + (<usize>list.to << 1);
    end =
      end == candidates
        ? setSparse(rowsAt(list), impactsAt(list), rowsEnd, list.multiplier, end)
        : addSparse(rowsAt(list), impactsAt(list), rowsEnd, list.multiplier, end);
  }
  return end;
}

// @ts-ignore: decorator
@inline
function rowsAt(list: List): usize {
  return documents + (<usize>list.from << 1);
}

// @ts-ignore: decorator
@inline
function impactsAt(list: List): usize {
  return impacts + <usize>list.from;
}

/** As long as the threshold means nothing, rows with great sums come first: they make it high. */
function scoreBestFirst(end: usize, first: i32, firstRow: i32): void {
  let greatest = 0;
  const sumsEnd = sums + ((end - candidates) << 1);
  for (let at = sums; at < sumsEnd; at += 4) greatest = max(greatest, load<i32>(at));
  for (let eighths = 7; eighths > 0 && found < k; eighths--) {
    scoreCandidates(end, first, firstRow, (greatest * eighths) >> 3);
  }
}

/**
 * Scores exactly, in the order of the query's terms, the rows whose sums are above `limit` and are not
 * ruled out by the threshold. Their sums become 0.
 */
function scoreCandidates(end: usize, first: i32, firstRow: i32, limit: i32): void {
  let sumAt = sums;
  for (let at = candidates; at < end; at += 2, sumAt += 4) {
    const sum = load<i32>(sumAt);
    if (sum <= limit || sum <= threshold) continue;
    store<i32>(sumAt, 0);
    const inWindow = <i32>load<u16>(at);
    const row = first + inWindow;
    beginRow(row);
    let score: f64 = 0;
    for (let i = 0; i < listCount; i++) {
      const list = listAt(i);
      const p = find(list, inWindow);
      if (p >= 0) score += list.weight * termWeight(p);
    }
    keep(score, firstRow + row, rankOf(row));
  }
}

// @ts-ignore: decorator
@inline
function isBefore(score: f64, rank: u32, other: Best): bool {
  return score > other.score || (score == other.score && rank < other.rank);
}

// @ts-ignore: decorator
@inline
function bestAt(i: i32): Best {
  return changetype<Best>(best + <usize>i * offsetof<Best>());
}

/** Puts a row among the best, which lie sorted, and raises the threshold. */
function keep(score: f64, row: i32, rank: u32): void {
  if (found == k && !isBefore(score, rank, bestAt(k - 1))) return;
  let place = found < k ? found++ : k - 1;
  while (place > 0 && isBefore(score, rank, bestAt(place - 1))) {
    const better = bestAt(place - 1);
    const moved = bestAt(place);
    moved.score = better.score;
    moved.row = better.row;
    moved.rank = better.rank;
    place--;
  }
  const kept = bestAt(place);
  kept.score = score;
  kept.row = row;
  kept.rank = rank;
  if (found == k) {
    threshold = <i32>Math.ceil(bestAt(k - 1).score * scale * roundingSlack) - 1;
  }
}
