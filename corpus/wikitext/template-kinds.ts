import { libraryNames } from './library.ts';
import type { TemplateCall } from './template-call.ts';

/** Names of values that say how an infobox looks. */
const layoutKeys: readonly RegExp[] = [
  /^(?:image|img|photo|pushpin|style|width|colou?r|background|bg|text_?color|title_?style|audio)/,
  /^(?:file|embed|module|sound|signature|border|float|align|padding|font|zoom|frame)\d*$/,
  /^(?:child|nocat|label|header\d*|above|below|caption|légende|legende|website|url|homepage)$/,
  /^(?:map|logo|flag|seal|icon|image|coat)_?(?:size|width|alt|caption|type|link|text|map)?\d*$/,
  /^(?:lat|long|lon)(?:[dms]|itude|_[dms]|_deg|_min|_sec|_dir)?$|^(?:ns|ew)$|^coord(?:inates)?_/,
  /(?:_|\b)(?:alt|size|width|px|style|class|colou?r|caption|image|file|upright)\d*$/,
];
const fileName = /\.(?:jpe?g|png|svg|gif|tiff?|webp|ogg|oga|ogv|webm|pdf)\s*$/i;

/**
 * Whether a template is an infobox: by the library's names in all languages, or because it stands
 * in a block of named values.
 */
export function isInfobox(call: TemplateCall, isInline: boolean): boolean {
  const { infoboxes } = libraryNames;
  const firstWord = call.name.split(/[ /]/)[0] ?? '';
  if (infoboxes.has(call.name) || infoboxes.has(firstWord)) return true;
  if (/^infobox| infobox$|^taxobox|box$/.test(call.name)) return true;
  return (
    !isInline &&
    call.named.size >= 4 &&
    call.parts.filter((part) => part.includes('\n')).length >= 4
  );
}

/** Whether a named value of an infobox is a fact and not layout. */
export function isFact(key: string, value: string): boolean {
  if (value === '' || layoutKeys.some((pattern) => pattern.test(key)) || fileName.test(value))
    return false;
  return !/^(?:\d+px|yes|no|y|n|left|right|center|none|#[0-9a-f]{3,6})$/i.test(value);
}
