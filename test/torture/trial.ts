import type { Random } from '../../src/types/random.ts';

/** What one attempt is given. */
export interface Attempt {
  /** Empty, and this attempt's alone; it is kept where something was lost. */
  readonly folder: string;
  /** From 0: what a trial takes in turn it takes by this. */
  readonly round: number;
  /** Decides the moments and places of this attempt. */
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Counts something that was done, or that came of it. */
  readonly count: (what: string) => void;
}

/** One kind of hostile treatment of the real system. */
export interface Trial {
  readonly name: string;
  /** What is done and what must hold, for the document. */
  readonly tries: string;
  /** Why it cannot be tried on this machine, or false. */
  readonly missing: string | false;
  /** Makes in `folder` what attempts begin with and are held against, undisturbed. */
  prepare(folder: string, signal: AbortSignal): Promise<(attempt: Attempt) => Promise<void>>;
}

/** Something was lost, wrong without a word, or without an end. */
export class Loss extends Error {}

/** Throws {@link Loss} unless `holds`. */
export function hold(holds: boolean, lost: () => string): asserts holds {
  if (!holds) throw new Loss(lost());
}

/** Throws {@link Loss} unless the texts are equal; says where they part. */
export function holdSame(is: string, expected: string, what: string): void {
  if (is === expected) return;
  let at = 0;
  while (is[at] === expected[at]) at += 1;
  const around = (text: string): string =>
    JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  throw new Loss(`${what} differs at ${at}: ${around(is)}, undisturbed ${around(expected)}`);
}
