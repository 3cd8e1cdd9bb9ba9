const nameChars = 60;
/** For what is longer than a name: a path, a title, the message of a library. */
export const lineChars = 200;

/**
 * The beginning of a text from outside, as an error shows it: at most `maxChars` UTF-16 units (60, the
 * length of a name), the last of them `…` where something was left out, and no half characters.
 */
export function shown(text: string, maxChars = nameChars): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
