/** A template in wikitext, `{{name|a|key=b}}`; its arguments are wikitext without templates. */
export class TemplateCall {
  /** Lower case, blanks for underscores, without `Template:` and `subst:`. */
  readonly name: string;
  readonly parts: readonly string[];
  readonly #positional: string[] = [];
  readonly #named = new Map<string, string>();

  /** `parts` are the pieces between the pipes, the name first. */
  constructor(parts: readonly string[]) {
    this.parts = parts;
    const [first = '', ...rest] = parts;
    this.name = normalName(first);
    for (const part of rest) this.#add(part);
  }

  #add(part: string): void {
    const equals = part.indexOf('=');
    const key = equals < 0 ? '' : part.slice(0, equals).trim();
    if (key === '' || !/^[\p{L}\p{N}_ .\-/()]+$/u.test(key)) {
      this.#positional.push(part.trim());
    } else if (/^[1-9]\d?$/.test(key)) {
      this.#positional[Number(key) - 1] = part.slice(equals + 1).trim();
    } else {
      const value = part.slice(equals + 1).trim();
      // An empty repetition does not take a value away.
      if (value !== '' || !this.#named.has(key.toLowerCase())) {
        this.#named.set(key.toLowerCase(), value);
      }
    }
  }

  /** The n-th argument without a name, from 1 on; '' where there is none. */
  at(n: number): string {
    return this.#positional[n - 1] ?? '';
  }

  /** All arguments without a name. */
  get positional(): readonly string[] {
    return Array.from(this.#positional, (value: string | undefined) => value ?? '');
  }

  /** The first of these named arguments that is not empty, else ''. */
  get(...keys: readonly string[]): string {
    for (const key of keys) {
      const value = this.#named.get(key);
      if (value !== undefined && value !== '') return value;
    }
    return '';
  }

  /** Named arguments in order. */
  get named(): ReadonlyMap<string, string> {
    return this.#named;
  }

  /** The call as wikitext. */
  get wikitext(): string {
    return `{{${this.parts.join('|')}}}`;
  }
}

function normalName(text: string): string {
  return text
    .replaceAll('_', ' ')
    .trim()
    .replace(/^(?:template:|subst:|safesubst:)\s*/i, '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();
}

/** What templates need to know of the page and its site. */
export interface PageContext {
  readonly title: string;
  /** Language code of the site, such as `en`; dates and numbers are written in it. */
  readonly language: string;
  /**
   * When the page was last edited, as the dump writes it (`2016-04-22T10:19:33Z`): what templates
   * take for now, as the clock would give another text every day. Undefined where it is not known.
   */
  readonly editedAt?: string | undefined;
}
