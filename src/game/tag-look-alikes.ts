import type { FormatTags } from './format.ts';

/**
 * Text that others wrote, made harmless: the `<` of whatever looks like one of the format's tags
 * becomes `‹`. So a passage with `</information><answer>` reads `‹/information>‹answer>` and can
 * neither end its block nor speak for the model, and a reader still sees what it said. Case and
 * spaces within the brackets do not matter; everything else stays as it is, other tags too. Linear
 * in the length of the text.
 */
export function neutralizeTags(text: string, tags: FormatTags): string {
  const names = Object.values(tags).join('|');
  return text.replaceAll(new RegExp(`<(?=(?:\\s*/)?\\s*(?:${names})\\s*>)`, 'gi'), '‹');
}
