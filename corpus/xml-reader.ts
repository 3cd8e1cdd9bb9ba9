import type { SaxesTagPlain } from 'saxes';
import { SaxesParser } from 'saxes';

const maxDepth = 100;
const maxNameChars = 1000;
const maxAttributes = 100;
const maxAttributeChars = 2 ** 20;
/** Characters that may lie in strings of their own, one for each entity, until they are put together. */
const maxLooseChars = 2 ** 20;

/** What an {@link XmlReader} calls as it reads. */
export interface XmlEvents {
  open(tag: SaxesTagPlain): void;
  close(name: string): void;
  /** A text, or a CDATA section, of `chars` characters; '' where these are over the limit. */
  text(text: string, chars: number): void;
  /** Makes the error that is thrown for XML that is broken, or over a limit. */
  refused(problem: string): Error;
}

/**
 * What saxes has gathered of a piece that has not ended: a text, an attribute's value, a comment; a
 * name. Its types call these fields private, but it has no limits of its own: without one a text that
 * never ends would fill the memory.
 */
interface Gathered {
  text: string;
  readonly name: string;
  readonly entity: string;
  readonly piTarget: string;
}

/**
 * Reads XML piece by piece, in time that is linear in it and in bounded memory: elements are at most
 * 100 deep, names have 1,000 characters, tags 100 attributes of a MiB in all, and of a text over
 * `maxTextChars` only its length is told.
 *
 * No more than these seven listeners: saxes keeps each in a property of its own that it names while it
 * runs, and with an eighth V8 makes the whole parser a dictionary, which is ten times as slow.
 */
export class XmlReader {
  readonly #sax = new SaxesParser<{ position: true; xmlns: false }>({
    position: true,
    xmlns: false,
  });
  readonly #events: XmlEvents;
  readonly #maxTextChars: number;
  #depth = 0;
  /** Of the tag that is being read. */
  #attributes = { count: 0, chars: 0 };
  /** What is being read, but for its end: nothing once it is over the limit. */
  #held: string[] = [];
  #heldChars = 0;

  constructor(maxTextChars: number, events: XmlEvents) {
    this.#events = events;
    this.#maxTextChars = maxTextChars;
    this.#sax.on('error', ({ message }) => {
      // saxes puts line and column in front of its messages.
      throw events.refused(message.replace(/^\d+:\d+: /, '').replace(/\.$/, ''));
    });
    this.#sax.on('attribute', ({ name, value }) => {
      this.#countAttribute(name, value);
    });
    this.#sax.on('opentag', (tag) => {
      this.#open(tag);
    });
    this.#sax.on('closetag', ({ name }) => {
      this.#depth -= 1;
      events.close(name);
    });
    this.#sax.on('text', (text) => {
      this.#endText(text);
    });
    this.#sax.on('cdata', (text) => {
      this.#endText(text);
    });
    this.#sax.on('comment', () => {
      this.#forget();
    });
  }

  /** The line that is being read, from 1. */
  get line(): number {
    return this.#sax.line;
  }

  write(text: string): void {
    this.#sax.write(text);
    this.#limitGathered(this.#sax as unknown as Gathered);
  }

  /** Checks that everything has ended. */
  close(): void {
    this.#sax.close();
  }

  #open(tag: SaxesTagPlain): void {
    this.#checkName(tag.name);
    this.#attributes = { count: 0, chars: 0 };
    // What stands before the first element is no text.
    if (this.#depth === 0) this.#forget();
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw this.#events.refused(`elements are nested more than ${maxDepth} deep`);
    }
    this.#events.open(tag);
  }

  #countAttribute(name: string, value: string): void {
    this.#checkName(name);
    const counts = this.#attributes;
    counts.count += 1;
    counts.chars += name.length + value.length + this.#heldChars;
    this.#forget();
    if (counts.count > maxAttributes) {
      throw this.#events.refused(`a tag has more than ${maxAttributes} attributes`);
    }
    if (counts.chars > maxAttributeChars) {
      throw this.#events.refused('the attributes of a tag are over 1 MiB long');
    }
  }

  #endText(end: string): void {
    const chars = this.#heldChars + end.length;
    const text = chars > this.#maxTextChars ? '' : [...this.#held, end].join('');
    this.#forget();
    this.#events.text(text, chars);
  }

  #forget(): void {
    this.#held = [];
    this.#heldChars = 0;
  }

  #limitGathered(gathered: Gathered): void {
    const { text, name, entity, piTarget } = gathered;
    for (const begun of [name, entity, piTarget]) this.#checkName(begun);
    if (text.length <= maxLooseChars) return;
    if (piTarget !== '') {
      throw this.#events.refused('a processing instruction is over 1 MiB long');
    }
    // The last character stays, as without one saxes would tell of no text.
    this.#hold(text.slice(0, -1));
    gathered.text = text.slice(-1);
  }

  /** Keeps a part of a text as one string, in the place of the many that it was put together from. */
  #hold(part: string): void {
    this.#heldChars += part.length;
    if (this.#heldChars > this.#maxTextChars) this.#held = [];
    else this.#held.push(Buffer.from(part, 'utf16le').toString('utf16le'));
  }

  #checkName({ length }: string): void {
    if (length > maxNameChars) {
      throw this.#events.refused(`a name is over ${maxNameChars} characters long`);
    }
  }
}
