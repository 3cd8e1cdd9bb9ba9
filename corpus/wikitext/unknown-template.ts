import type { TemplateCall } from './template-call.ts';

const maxPhraseChars = 200;

/** Names of values that say how something shows, or when somebody marked it. */
const optionKey =
  /^(?:link|links|nolink|abbr|lang|sprache|langue|lengua|ref|group|date|datum|fecha|data|дата|reason|grund|raison|url|id|style|class|align|width|size|sort|order|disp|format|cat|nocat|tarih|dato|päiväys|date consulted)$/;
const optionValue =
  /^(?:|y|yes|no?|on|off|true|false|[01]|ja?|nein|oui|non|s[ií]|não|sim|нет|да|none|left|right|center|\d+px)$/i;

const fileName = /\.(?:jpe?g|png|svg|gif|tiff?|webp|og[gav]|webm|pdf|mp3|wav)\b/i;

/** Where a template stands. */
export interface TemplatePlace {
  /** Inside another template. */
  readonly isNested: boolean;
  /** Other text stands on its line before it. */
  readonly isInline: boolean;
}

/**
 * What an unknown template in the middle of a line shows, if its arguments look like words: the
 * unnamed ones, where the named ones only say how; else its one value, where that is a number or, in a
 * box, a word. Undefined where none of this is sure, as in a source with its address.
 */
export function phraseOf(call: TemplateCall, place: TemplatePlace): string | undefined {
  if (!(place.isInline || place.isNested)) return undefined;
  const given = call.positional.filter((text) => text !== '');
  const words = given.filter((text) => !fileName.test(text));
  if (![...call.named].some(([key, value]) => !isOption(key, value)))
    return phrase(words.join(' '));
  if (call.named.has('url') || words.length < given.length) return undefined;
  const values = [...call.named].filter(([key]) => !optionKey.test(key)).map(([, value]) => value);
  const [only = ''] = words.length === 0 ? values : words;
  const isOne = words.length === 0 ? values.length === 1 : words.length === 1;
  const isSure = /\p{Nd}/u.test(only) || (place.isNested && words.length === 0);
  return isOne && isSure ? phrase(only) : undefined;
}

function isOption(key: string, value: string): boolean {
  return optionKey.test(key) || optionValue.test(value);
}

function phrase(text: string): string | undefined {
  const isPhrase =
    text !== '' && !fileName.test(text) && text.length <= maxPhraseChars && !text.includes('\n');
  return isPhrase ? text : undefined;
}
