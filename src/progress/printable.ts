// What commands show holds titles, ids and texts that others wrote, and a terminal obeys what is
// written to it. Everything that people are shown goes through here on its last step.

/** Characters that steer a terminal or turn the order of a text around; joiners are text. */
const steering = /(?![\n\t\u00ad\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** Text that cannot move the cursor, change colours or hide: control characters become visible. */
export function printable(text: string): string {
  return text.replaceAll(steering, '\ufffd');
}

/** {@link printable} for a title or name within a line: it cannot begin a line of its own. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/[\n\r\t\u2028\u2029]+/g, ' '));
}

/** A value as indented JSON: what steers is escaped, which changes no string of it. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(steering, (sign) =>
    Array.from({ length: sign.length }, (_, i) => escaped(sign.charCodeAt(i))).join(''),
  );
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
