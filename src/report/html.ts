import { escapeUTF8 } from 'entities';

/** Text that is HTML or SVG already. Made by {@link html} alone, so it is safe in a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * A piece of a page. Strings put into it are text: they are escaped for elements and for attributes
 * in quotes. Pieces stay as they are, lists are joined, undefined is nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const texts = strings.map((string, i) => string + rendered(parts[i]));
  return new Markup(texts.join(''));
}

/** A script element that holds `value` as JSON and that nothing inside can close. */
export function jsonElement(id: string, value: unknown): Markup {
  const json = new Markup(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));
  return html`<script type="application/json" id="${id}">
    ${json}
  </script>`;
}

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(rendered).join('');
  return escapeUTF8(String(part));
}
