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
