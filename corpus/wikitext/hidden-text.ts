/** Classes that the style sheets of Wikipedia hide on the screen. */
const hidingClasses =
  /\bclass\s*=\s*(?:"[^"]*|'[^']*)?(?<![\w-])(?:sortkey|hiddenstructure|nodisplay|printonly|geo-nondefault|geo-multi-punct|mw-hidden|visually-?hidden|sr-only)(?![\w-])/i;
const hidingStyle = /display\s*:\s*none|visibility\s*:\s*hidden/i;
const hidingAttribute = /\shidden(?=\s|$|\/|=)/i;

/** Whether an element with these attributes does not show: by its style or its class. */
export function isHiding(attributes: string): boolean {
  return hidingStyle.test(attributes) || hidingClasses.test(attributes);
}

/** Few names, so that few of them can want a pass of their own. */
const tag =
  /<(\/?)(span|div|p|small|big|sup|sub|td|th|tr|table|abbr|b|i|u|s|font|li|ul|ol|dl|center|code|em|strong|del|ins|cite|q|time|bdi|var)((?:\s[^<>]*)?)>/gi;

/** A hidden element that is being read: how many of its name are open. */
interface Hidden {
  readonly name: string;
  depth: number;
}

/**
 * Takes the elements that do not show out of a wikitext, with all that is in them: `00077` of
 * `<span style="display:none">00077</span>77`. One that does not end is hidden to the end of its
 * line. Linear in the length.
 */
export function removeHidden(wikitext: string): string {
  const unclosed = new Set<string>();
  for (;;) {
    const { kept, endless } = removeOnce(wikitext, unclosed);
    if (endless === undefined) return kept;
    // An element without an end hid the rest: again, with its name to the end of the line only.
    unclosed.add(endless);
  }
}

interface Pass {
  readonly kept: string;
  /** The name of an element that did not end. */
  readonly endless: string | undefined;
}

function removeOnce(text: string, unclosed: ReadonlySet<string>): Pass {
  const kept: string[] = [];
  let position = 0;
  let hidden: Hidden | undefined;
  for (const match of text.matchAll(tag)) {
    if (match.index < position) continue;
    const name = (match[2] ?? '').toLowerCase();
    const end = match.index + match[0].length;
    if (hidden !== undefined) {
      if (!countTag(hidden, match, name)) continue;
      position = end;
      hidden = undefined;
    } else if (beginsHidden(match)) {
      kept.push(text.slice(position, match.index));
      position = unclosed.has(name) ? endInLine(text, end, name) : match.index;
      if (!unclosed.has(name)) hidden = { name, depth: 1 };
    }
  }
  kept.push(text.slice(position));
  return { kept: kept.join(''), endless: hidden?.name };
}

function beginsHidden([, slash = '', , attributes = '']: RegExpMatchArray): boolean {
  if (slash !== '' || attributes.endsWith('/')) return false;
  return isHiding(attributes) || hidingAttribute.test(attributes);
}

/** Whether the hidden element ends with this tag. */
function countTag(
  hidden: Hidden,
  [, slash, , attributes = '']: RegExpMatchArray,
  name: string,
): boolean {
  if (name !== hidden.name || attributes.endsWith('/')) return false;
  hidden.depth += slash === '' ? 1 : -1;
  return hidden.depth === 0;
}

/** Where an element whose like has no end somewhere stops: at its end tag or that of its line. */
function endInLine(text: string, start: number, name: string): number {
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const line = text.slice(start, lineEnd);
  const close = new RegExp(`</${name}\\s*>`, 'i').exec(line);
  return close === null ? lineEnd : start + close.index + close[0].length;
}
