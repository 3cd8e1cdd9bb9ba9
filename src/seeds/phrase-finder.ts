import { normalizeAnswer } from '../game/answer-score.ts';

/** A word of a phrase: those that may follow, and whose phrase ends here. */
interface Node<Owner> {
  readonly next: Map<string, Node<Owner>>;
  readonly owners: Owner[];
}

/**
 * Finds many phrases in a text at once: a tree of their words, walked from every word of the text.
 * Phrases and text are compared normalised (src/game/answer-score.ts), word by word.
 */
export class PhraseFinder<Owner> {
  readonly #root: Node<Owner> = { next: new Map(), owners: [] };

  /** Adds a phrase of `owner`. One without words is never found. */
  add(phrase: string, owner: Owner): void {
    let node = this.#root;
    for (const word of wordsOf(phrase)) {
      const next = node.next.get(word) ?? { next: new Map(), owners: [] };
      node.next.set(word, next);
      node = next;
    }
    node.owners.push(owner);
  }

  /** The owners of the phrases in `text`, each once. */
  ownersIn(text: string): Set<Owner> {
    const words = wordsOf(text);
    const found = new Set<Owner>();
    for (let start = 0; start < words.length; start += 1) {
      let node = this.#root.next.get(words[start] ?? '');
      for (let at = start + 1; node !== undefined; at += 1) {
        for (const owner of node.owners) found.add(owner);
        node = node.next.get(words[at] ?? '');
      }
    }
    return found;
  }
}

function wordsOf(text: string): string[] {
  return normalizeAnswer(text)
    .split(' ')
    .filter((word) => word !== '');
}

/** A date or a number in a text. */
export interface TextValue {
  readonly topic: 'date' | 'number';
  /** Ways to write it; first the one of the text. */
  readonly forms: readonly [string, ...string[]];
}

const months =
  'January|February|March|April|May|June|July|August|September|October|November|December';
const units =
  'km²|km2|km|kilometres?|kilometers?|metres?|meters?|cm|mm|m|miles?|mi|feet|ft|acres?|hectares?|ha|' +
  'kg|tonnes?|tons?|pounds|hours?|minutes?|days?|years?|percent|million|billion';
const yearSigns = '(?:in|since|from|until|by|during|after|before|year) |(?:founded|year)[^.;]?: ';
const grouped = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?`;
const counted = String.raw`(?:${grouped}|\d+(?:\.\d+)?)[ \u00a0](?:${units})(?![\p{L}\p{N}])`;

// Alternatives in this order: what belongs to a date is never taken for a number or a year. A number
// behind a bracket repeats the one before it in another unit.
const pattern = new RegExp(
  String.raw`(?<![\p{L}\p{N},.$€£-])(?:` +
    [
      String.raw`(?<day>[0-3]?\d) (?<month>${months}) (?<year>[12]\d{3})`,
      String.raw`(?<usMonth>${months}) (?<usDay>[0-3]?\d), (?<usYear>[12]\d{3})`,
      String.raw`(?<ofYear>(?:${months}) [12]\d{3})`,
      String.raw`(?<!\()(?<number>${counted}|${grouped})`,
      String.raw`(?<=\b(?:${yearSigns}))(?<bareYear>1\d{3}|20\d{2})(?!s|[–-]\d)`,
    ].join('|') +
    String.raw`)(?![\p{L}\p{N}]|[.,]\d)`,
  'giu',
);

/**
 * The dates (days, months of a year, years after a word such as "in") and numbers (with thousands
 * marked, or with a unit) in a text, in order, English notation. Plain small numbers are none: they
 * mean too much.
 */
export function* valuesInText(text: string): Generator<TextValue> {
  for (const { groups = {} } of text.matchAll(pattern)) {
    const { day, month, year, usDay, usMonth, usYear, ofYear, bareYear, number } = groups;
    if (day !== undefined) yield dated([`${day} ${month} ${year}`, `${month} ${day}, ${year}`]);
    else if (usDay !== undefined) {
      yield dated([`${usMonth} ${usDay}, ${usYear}`, `${usDay} ${usMonth} ${usYear}`]);
    } else if (ofYear !== undefined) yield dated([ofYear]);
    else if (bareYear !== undefined) yield dated([bareYear]);
    else if (number !== undefined)
      yield { topic: 'number', forms: [number.replace('\u00a0', ' ')] };
  }
}

function dated(forms: readonly [string, ...string[]]): TextValue {
  return { topic: 'date', forms };
}
