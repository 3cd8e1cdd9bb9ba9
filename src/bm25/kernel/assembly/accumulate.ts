import { accumulators } from './memory';

// The loops over postings. Each adds multiplier times impact to the sums of the rows: dense lists
// into all sums, which are then scanned; sparse ones with a list of the rows that were touched.

/** Adds the postings whose rows lie at row..end; their impacts lie at `impact`. */
export function addDense(row: usize, impact: usize, end: usize, multiplier: i32): void {
  const base = accumulators;
  const lastFour = end - 6;
  while (row < lastFour) {
    const four = load<u64>(row);
    const weights = load<u32>(impact);
    const a = base + (((<usize>four) & 65535) << 1);
    const b = base + (((<usize>(four >>> 16)) & 65535) << 1);
    const c = base + (((<usize>(four >>> 32)) & 65535) << 1);
    const d = base + ((<usize>(four >>> 48)) << 1);
    store<u16>(a, <i32>load<u16>(a) + multiplier * (weights & 255));
    store<u16>(b, <i32>load<u16>(b) + multiplier * ((weights >>> 8) & 255));
    store<u16>(c, <i32>load<u16>(c) + multiplier * ((weights >>> 16) & 255));
    store<u16>(d, <i32>load<u16>(d) + multiplier * (weights >>> 24));
    row += 8;
    impact += 4;
  }
  while (row < end) {
    const at = base + ((<usize>load<u16>(row)) << 1);
    store<u16>(at, <i32>load<u16>(at) + multiplier * <i32>load<u8>(impact));
    row += 2;
    impact++;
  }
}

/** The first sparse list: all sums are 0, every row is new. Gives the end of the touched rows. */
export function setSparse(
  row: usize,
  impact: usize,
  end: usize,
  multiplier: i32,
  touched: usize,
): usize {
  const base = accumulators;
  const lastFour = end - 6;
  while (row < lastFour) {
    const four = load<u64>(row);
    const weights = load<u32>(impact);
    store<u16>(base + (((<usize>four) & 65535) << 1), multiplier * (weights & 255));
    store<u16>(
      base + (((<usize>(four >>> 16)) & 65535) << 1),
      multiplier * ((weights >>> 8) & 255),
    );
    store<u16>(
      base + (((<usize>(four >>> 32)) & 65535) << 1),
      multiplier * ((weights >>> 16) & 255),
    );
    store<u16>(base + ((<usize>(four >>> 48)) << 1), multiplier * (weights >>> 24));
    store<u64>(touched, four);
    touched += 8;
    row += 8;
    impact += 4;
  }
  while (row < end) {
    const found = <usize>load<u16>(row);
    store<u16>(base + (found << 1), multiplier * <i32>load<u8>(impact));
    store<u16>(touched, <u16>found);
    touched += 2;
    row += 2;
    impact++;
  }
  return touched;
}

/** A further sparse list: a row is new where its sum was 0. */
export function addSparse(
  row: usize,
  impact: usize,
  end: usize,
  multiplier: i32,
  touched: usize,
): usize {
  const base = accumulators;
  while (row < end) {
    const found = <usize>load<u16>(row);
    const at = base + (found << 1);
    const before = <i32>load<u16>(at);
    store<u16>(at, before + multiplier * <i32>load<u8>(impact));
    store<u16>(touched, <u16>found);
    touched += (<usize>(before == 0)) << 1;
    row += 2;
    impact++;
  }
  return touched;
}

/** The rows from..to, both multiples of 64, whose sum is above `limit`, written to `touched`. */
export function scanDense(from: i32, to: i32, limit: i32, touched: usize): usize {
  const limits = i16x8.splat(<i16>limit);
  const zero = v128.splat<i64>(0);
  const end = accumulators + ((<usize>to) << 1);
  for (let at = accumulators + ((<usize>from) << 1); at < end; at += 128) {
    const a = i16x8.max_u(v128.load(at), v128.load(at, 16));
    const b = i16x8.max_u(v128.load(at, 32), v128.load(at, 48));
    const c = i16x8.max_u(v128.load(at, 64), v128.load(at, 80));
    const d = i16x8.max_u(v128.load(at, 96), v128.load(at, 112));
    const greatest = i16x8.max_u(i16x8.max_u(a, b), i16x8.max_u(c, d));
    if (!v128.any_true(i16x8.sub_sat_u(greatest, limits))) continue;
    for (let eight: usize = 0; eight < 128; eight += 16) {
      const above = i16x8.sub_sat_u(v128.load(at + eight), limits);
      let mask = i16x8.bitmask(i16x8.ne(above, zero));
      while (mask) {
        const row = ((at + eight - accumulators) >>> 1) + <usize>ctz<i32>(mask);
        store<u16>(touched, <u16>row);
        touched += 2;
        mask &= mask - 1;
      }
    }
  }
  return touched;
}

/** Sums of touched rows, of which those above `limit` stay; with `clear` all their sums become 0. */
export function sift(first: usize, end: usize, sumsAt: usize, limit: i32, clear: bool): usize {
  let kept = first;
  for (; first < end; first += 2) {
    const row = load<u16>(first);
    const at = accumulators + ((<usize>row) << 1);
    const sum = <i32>load<u16>(at);
    if (clear) store<u16>(at, 0);
    store<u16>(kept, row);
    store<i32>(sumsAt, sum);
    const isKept = <usize>(sum > limit);
    kept += isKept << 1;
    sumsAt += isKept << 2;
  }
  return kept;
}

/** Makes the sums of the rows from..to 0. */
export function clearDense(from: i32, to: i32): void {
  memory.fill(accumulators + ((<usize>from) << 1), 0, (<usize>(to - from)) << 1);
}
