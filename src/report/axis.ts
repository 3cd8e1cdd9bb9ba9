/** Maps a value linearly to a place; where all values are one, to the middle. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly place: (value: number) => number;
}

export function linearScale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): Scale {
  const width = to - from;
  const place = (value: number): number =>
    width === 0 ? (start + end) / 2 : start + ((value - from) / width) * (end - start);
  return { from, to, place };
}

/**
 * Round values from below `from` to above `to`, 1, 2 or 5 times a power of ten apart, about `count`
 * of them; apart by `least` or more. Of an empty range: that value and one above.
 */
export function roundTicks(from: number, to: number, count: number, least = 0): number[] {
  const rough = Math.max((to - from || Math.abs(to) || 1) / count, least, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(rough));
  const distance = power * ([1, 2, 5].find((step) => step * power >= rough * 0.999) ?? 10);
  const first = Math.floor(from / distance + 1e-9);
  const last = Math.max(Math.ceil(to / distance - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * distance).toPrecision(12)),
  );
}

/** Four significant digits, `12.3K` from 100,000 on. */
export function shortNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(1);
  const notation = Math.abs(value) >= 1e5 ? 'compact' : 'standard';
  const format = { maximumSignificantDigits: 4, notation } as const;
  return new Intl.NumberFormat('en', format).format(value);
}
