import { buckets, documents, impacts, List } from './memory';

// Finding one row in a list. A list of 32 postings or more has 2^bits buckets of eight to sixteen postings:
// the leading bits of a row give the place in the list where its bucket begins.

/** The first of the postings from..to whose row is `row` or more; `to` where there is none. */
export function lowerBound(from: i32, to: i32, row: i32): i32 {
  let low = from;
  let count = to - from;
  while (count > 0) {
    const half = count >>> 1;
    const middle = low + half;
    if (<i32>load<u16>(documents + (<usize>middle << 1)) < row) {
      low = middle + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

// @ts-ignore: decorator
@inline
function bucketBits(length: i32): i32 {
  return 31 - clz<i32>(length >> 3);
}

/** Where the buckets of the list start..end lie; 0 for one of less than 32 postings. */
export function bucketsOf(start: i32, end: i32): usize {
  return end - start < 32 ? 0 : buckets + ((<usize>((start + 7) >>> 3)) << 1);
}

/** The posting of `row` in a list, or -1. */
export function find(list: List, row: i32): i32 {
  const start = list.start;
  const end = list.end;
  if (list.buckets == 0) {
    const p = lowerBound(start, end, row);
    return p < end && <i32>load<u16>(documents + (<usize>p << 1)) == row ? p : -1;
  }
  const bits = bucketBits(end - start);
  const bucket = row >>> (16 - bits);
  const at = list.buckets + (<usize>bucket << 1);
  const last = (bucket + 1) >>> bits ? end : start + <i32>load<u16>(at, 2);
  const wanted = i16x8.splat(<i16>row);
  for (let p = start + <i32>load<u16>(at); p < last; p += 8) {
    const mask = i16x8.bitmask(i16x8.eq(v128.load(documents + (<usize>p << 1)), wanted));
    if (mask) {
      const hit = p + ctz<i32>(mask);
      return hit < last ? hit : -1;
    }
  }
  return -1;
}

/**
 * Adds to the sum of every candidate what a list gives it, and keeps those above `limit`. Gives the
 * new end of the candidates.
 */
export function refine(first: usize, end: usize, sumsAt: usize, list: List, limit: i32): usize {
  return list.buckets == 0
    ? refineShort(first, end, sumsAt, list, limit)
    : refineLong(first, end, sumsAt, list, limit);
}

function refineShort(first: usize, end: usize, sumsAt: usize, list: List, limit: i32): usize {
  let kept = first;
  let keptSum = sumsAt;
  for (; first < end; first += 2, sumsAt += 4) {
    const row = <i32>load<u16>(first);
    const p = find(list, row);
    let sum = load<i32>(sumsAt);
    if (p >= 0) sum += list.multiplier * <i32>load<u8>(impacts + <usize>p);
    store<u16>(kept, <u16>row);
    store<i32>(keptSum, sum);
    const isKept = <usize>(sum > limit);
    kept += isKept << 1;
    keptSum += isKept << 2;
  }
  return kept;
}

/** Sixteen postings at once, which are most buckets whole. */
function refineLong(first: usize, end: usize, sumsAt: usize, list: List, limit: i32): usize {
  const length = <u32>(list.end - list.start);
  const shift = 16 - bucketBits(<i32>length);
  const table = list.buckets;
  const rowsAt = documents + (<usize>list.start << 1);
  const impactsAt = impacts + <usize>list.start;
  const multiplier = list.multiplier;
  let kept = first;
  let keptSum = sumsAt;
  for (; first < end; first += 2, sumsAt += 4) {
    const row = <u32>load<u16>(first);
    const low = <u32>load<u16>(table + (<usize>(row >>> shift) << 1));
    const at = rowsAt + (<usize>low << 1);
    const wanted = i16x8.splat(<i16>row);
    const ofFirst = i16x8.bitmask(i16x8.eq(v128.load(at), wanted));
    const mask = ofFirst | (i16x8.bitmask(i16x8.eq(v128.load(at, 16), wanted)) << 8);
    let sum = load<i32>(sumsAt);
    if (mask) {
      const place = low + ctz<i32>(mask);
      const isIn = place < length ? -1 : 0;
      sum += (multiplier * <i32>load<u8>(impactsAt + <usize>place)) & isIn;
    } else if (<u32>load<u16>(at, 30) < row && low + 16 < length) {
      const p = find(list, <i32>row);
      if (p >= 0) sum += multiplier * <i32>load<u8>(impacts + <usize>p);
    }
    store<u16>(kept, <u16>row);
    store<i32>(keptSum, sum);
    const isKept = <usize>(sum > limit);
    kept += isKept << 1;
    keptSum += isKept << 2;
  }
  return kept;
}
