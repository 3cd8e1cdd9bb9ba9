import type { Fact } from '../../../corpus/fictional/facts.ts';
import type { RetrievedPassage } from '../../types/episode.ts';

/**
 * A piece of what an oracle says. `from` is the text that it is copied from: part of the prompt or a
 * passage, as it stands there; or one of the two below.
 */
export interface Piece {
  readonly text: string;
  readonly from?: Source;
  /** What is looked up to find it: a fact's object, which stands in the passage `by.passage`. */
  readonly by?: Link;
  /** Whether its tokens train; by default they do. */
  readonly trains?: boolean;
}

/** Said by the player before; the latest place counts. */
export const own: unique symbol = Symbol('said before');
/** Looked for in vain: "unknown". */
export const nowhere: unique symbol = Symbol('found nowhere');
export type Source = string | typeof own | typeof nowhere;

/** Where a fact is found by its object. */
export interface Link {
  /** The passage as shown. */
  readonly passage: string;
  readonly object: string;
}

/** A player that knows the truth: yields a turn, and is given the passages that its query found. */
export type Oracle = Generator<readonly Piece[], void, readonly RetrievedPassage[]>;

export function say(text: string): Piece {
  return { text };
}

/** A fact told from its object: "Grani Goazark: Thavi Stevend founder". The object is said before. */
export function toldBack(
  { subject, relation, object }: Pick<Fact, 'subject' | 'relation' | 'object'>,
  passage: RetrievedPassage,
): Piece[] {
  const by = { passage: shown(passage), object };
  return [say(':'), { ...copy(subject, by.passage), by }, { ...say(` ${relation}`), by }];
}

/** A name or a value; a space stands before each, so that its first word has one id everywhere. */
export function copy(text: string, from: Source): Piece {
  return { text: ` ${text}`, from };
}

/** The text with `name` in it as a piece of its own that repeats what was said before. */
export function copyWithin(text: string, name: string): Piece[] {
  const at = text.indexOf(name);
  if (at < 1) return [say(` ${text}`)];
  const before = at === 1 ? '' : ` ${text.slice(0, at - 1)}`;
  return [say(before), copy(name, own), say(text.slice(at + name.length))];
}

/** The passage as a result shows it, less the line break. */
export function shown({ text }: RetrievedPassage): string {
  return ` ${text}`;
}
