import type { Topic } from '../types/seed.ts';

/** An answer that may become a seed. Reading the corpus fills in what changes. */
export interface Candidate {
  /** The answer, normalised. */
  readonly key: string;
  /** The page that it names; undefined for dates and numbers. */
  readonly title: string | undefined;
  /** Ways to write it, by what each is after normalisation; the main one first. */
  readonly forms: Map<string, string>;
  /** Undefined until a passage tells. */
  topic: Topic | undefined;
  /** Whether it names another page too. */
  isAmbiguous: boolean;
  /** Passages that contain it, its own page's left out. */
  mentions: number;
}
