import type { Tokenizer } from '../../chat/tokenizer.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Link, Piece, Source } from './turn.ts';
import { nowhere, own, shown } from './turn.ts';

/** Position that looks, position that it is to look at; both count from the sequence's first token. */
type Look = readonly [number, number];

/** One training example of T tokens, as the trainer reads it from a line of JSON. */
export interface Sequence {
  readonly kind: string;
  /** [T] */
  readonly tokens: readonly number[];
  /** [T] 1 where the token trains: what a player says. */
  readonly mask: readonly (0 | 1)[];
  /** From the place before a copied token to the token that is copied. */
  readonly copies: readonly Look[];
  /** From the tokens of a fact's object to the last token of its subject, where the passage begins. */
  readonly subjects: readonly Look[];
  /** The same to the subject's first token. */
  readonly starts: readonly Look[];
  /** From the tokens of a fact's object to the word that names its relation ("The builder of ..."). */
  readonly relations: readonly Look[];
  /** From the place before what is told of an object to that object's last token in the passage. */
  readonly links: readonly Look[];
}

/** Builds a sequence token by token and notes where each copied token stands. */
export class SequenceBuilder {
  readonly tokens: number[] = [];
  readonly #mask: (0 | 1)[] = [];
  /** [T] 1 on what players said, trained or not. */
  readonly #said: (0 | 1)[] = [];
  readonly #copies: Look[] = [];
  readonly #subjects: Look[] = [];
  readonly #starts: Look[] = [];
  readonly #relations: Look[] = [];
  readonly #links: Look[] = [];
  readonly #tokenizer: Pick<Tokenizer, 'encode'>;
  readonly #world: TrainingWorld;

  constructor(tokenizer: Pick<Tokenizer, 'encode'>, world: TrainingWorld) {
    this.#tokenizer = tokenizer;
    this.#world = world;
  }

  /** Text that is read, with the passages that stand in it. */
  addRead(tokens: readonly number[], passages: readonly RetrievedPassage[]): void {
    const start = this.tokens.length;
    this.tokens.push(...tokens);
    this.#mask.push(...tokens.map(() => 0 as const));
    this.#said.push(...tokens.map(() => 0 as const));
    for (const passage of passages) this.#noteSubjects(passage, start);
  }

  /** What a player says; gives its tokens. */
  addSaid(pieces: readonly Piece[]): number[] {
    const start = this.tokens.length;
    for (const { text, from, by, trains = true } of pieces) {
      const tokens = this.#encode(text);
      if (by !== undefined) this.#noteLink(tokens, by);
      if (from !== undefined && trains) this.#noteCopy(tokens, from, by !== undefined);
      this.tokens.push(...tokens);
      this.#said.push(...tokens.map(() => 1 as const));
      this.#mask.push(...tokens.map(() => (trains ? 1 : 0)));
    }
    return this.tokens.slice(start);
  }

  sequence(kind: string): Sequence {
    return {
      ...{ kind, tokens: this.tokens, mask: this.#mask, copies: this.#copies },
      ...{ subjects: this.#subjects, starts: this.#starts },
      ...{ relations: this.#relations, links: this.#links },
    };
  }

  #encode(text: string): number[] {
    return this.#tokenizer.encode(text);
  }

  /** All tokens of the piece are told of the object, wherever they stand. */
  #noteLink(tokens: readonly number[], { passage, object }: Link): void {
    const value = this.#encode(` ${object}`);
    const source = this.#placeIn(value, passage);
    if (source === undefined) throw new RangeError('The passage does not have the object.');
    const at = this.tokens.length;
    for (const i of tokens.keys()) this.#links.push([at + i - 1, source + value.length - 1]);
  }

  /**
   * The first token of a linked piece is found through its link alone. Heads that look for what is
   * nowhere look at the first token of all.
   */
  #noteCopy(tokens: readonly number[], from: Source, isLinked: boolean): void {
    const at = this.tokens.length;
    const source = this.#sourceOf(tokens, from);
    if (source === undefined) throw new RangeError('What is to be copied does not stand before.');
    for (const i of tokens.keys()) {
      if (isLinked && i === 0) continue;
      this.#copies.push([at + i - 1, from === nowhere ? 0 : source + i]);
    }
  }

  #sourceOf(tokens: readonly number[], from: Source): number | undefined {
    if (from === nowhere) return 0;
    return from === own ? this.#lastSaid(tokens) : this.#placeIn(tokens, from);
  }

  #lastSaid(tokens: readonly number[]): number | undefined {
    return lastPlace(this.tokens, tokens, (at) => this.#said[at] === 1);
  }

  #placeIn(tokens: readonly number[], from: string): number | undefined {
    const start = lastPlace(this.tokens, this.#encode(from), () => true);
    return start === undefined ? undefined : firstPlace(this.tokens, tokens, start);
  }

  #noteSubjects(passage: RetrievedPassage, from: number): void {
    const start = firstPlace(this.tokens, this.#encode(shown(passage)), from);
    const facts = this.#world.factsOf.get(passage.title) ?? [];
    if (start === undefined) return;
    for (const { subject, object } of facts) {
      const value = this.#encode(` ${object}`);
      const end = start + this.#encode(` ${subject}`).length - 1;
      const place = firstPlace(this.tokens, value, start);
      if (place === undefined) continue;
      const word = this.#relationWord(start, place);
      for (const i of value.keys()) {
        this.#subjects.push([place + i, end]);
        this.#starts.push([place + i, start]);
        this.#relations.push([place + i, word]);
      }
    }
  }

  /** The last word before "of" where the sentence begins "The home port of", else that before last. */
  #relationWord(passageStart: number, place: number): number {
    const [stop = -1, of = -1] = [...this.#encode('.'), ...this.#encode(' of')];
    const start = passageStart + this.tokens.slice(passageStart, place).lastIndexOf(stop) + 1;
    const ofAt = this.tokens.slice(start, start + 4).indexOf(of);
    return ofAt > 1 ? start + ofAt - 1 : Math.max(place - 2, passageStart);
  }
}

/** Where `part` first stands at or after `from`. */
function firstPlace(
  all: readonly number[],
  part: readonly number[],
  from: number,
): number | undefined {
  for (let at = from; at + part.length <= all.length; at += 1)
    if (standsAt(all, part, at)) return at;
  return undefined;
}

/** The last place where `part` stands that is `wanted`. */
function lastPlace(
  all: readonly number[],
  part: readonly number[],
  wanted: (at: number) => boolean,
): number | undefined {
  for (let at = all.length - part.length; at >= 0; at -= 1) {
    if (wanted(at) && standsAt(all, part, at)) return at;
  }
  return undefined;
}

function standsAt(all: readonly number[], part: readonly number[], at: number): boolean {
  return part.every((token, i) => all[at + i] === token);
}
