import type { SeedsConfig } from '../config/seeds.ts';
import { normalizeAnswer } from '../game/answer-score.ts';
import type { Topic } from '../types/seed.ts';

/** What a form of an answer was taken from; `anchor` is the text of a link. */
export const formSources = ['title', 'redirect', 'anchor', 'date', 'number'] as const;
export type FormSource = (typeof formSources)[number];

/** A way to write an answer. */
export interface Form {
  readonly text: string;
  readonly source: FormSource;
}

/** An answer that may become a seed. Reading the corpus fills in what changes. */
export interface Candidate {
  /** The answer, normalised. */
  readonly key: string;
  /** The page that it names, or that links lead to though there is none; undefined for dates and numbers. */
  readonly title: string | undefined;
  /** Ways to write it, by what each is after normalisation; the main one first. */
  readonly forms: Map<string, Form>;
  /** Undefined until a passage tells. */
  topic: Topic | undefined;
  /** Whether it names another page too. */
  isAmbiguous: boolean;
  /** Passages that contain it, its own page's left out. */
  mentions: number;
}

/** A new one with its main form, of which nothing is known yet. */
export function newCandidate(title: string | undefined, main: Form): Candidate {
  const key = normalizeAnswer(main.text);
  const forms = new Map([[key, main]]);
  return { key, title, forms, topic: undefined, isAmbiguous: false, mentions: 0 };
}

/** Whether an answer has as many characters as wanted. */
export function fits(answer: string, { minChars, maxChars }: SeedsConfig): boolean {
  const characters = Array.from(answer).length;
  return characters >= minChars && characters <= maxChars;
}
