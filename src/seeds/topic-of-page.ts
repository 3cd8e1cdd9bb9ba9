import type { Topic } from '../types/seed.ts';
import { topicOfNoun } from './topic-words.ts';

const leadLength = 600;
/** Between a title and its verb: other names, pronunciation, dates of life. */
const verb = /\b(?:is|was|are|were)\s+(?:an?|the|one of the)\s+([^.;]*)/;
/** Where the description of a thing ends and its circumstances begin. */
const phraseEnd =
  /,|\(| (?:about|as|at|based|between|built|by|created|directed|for|founded|from|in|located|made|near|of|on|or|published|released|set|situated|starring|that|to|which|who|whose|with|written)\b/;
const date = String.raw`(?:\d{1,2} \p{Lu}\p{Ll}+|\p{Lu}\p{Ll}+ \d{1,2},) ?\d{3,4}`;
/** Behind a name: "(born ...", "(12 May 1900 – ..."; whatever else stands in the bracket before it. */
const lifeDates = new RegExp(
  String.raw`\((?:[^()]*[ ;])?(?:born|née?|b\.|${date}[^()]{0,60} ?[–-]) `,
  'u',
);
const placeInPlace = /^\p{Lu}[^,]*, (?![^,]* of )\p{Lu}[^,]*$/u;

/**
 * What a page is about, by its title and the text of one of its passages:
 * 1. dates of life behind the name at the beginning: a person;
 * 2. the last known noun of the title's bracket: `Dune (novel)`;
 * 3. the last known noun of what the first sentence says that it is: "is an American rock *band*";
 * 4. a title such as `Austin, Texas`: a place.
 * `other` where none tells; undefined where the text does not begin with the page's first sentence
 * and so says nothing.
 */
export function topicOfPage(title: string, text: string): Topic | undefined {
  const lead = leadOf(title, text);
  if (lead !== undefined && lifeDates.test(lead.slice(0, title.length + 120))) return 'person';
  const bracket = /\(([^()]*)\)$/.exec(title)?.[1] ?? '';
  const [described = ''] = (verb.exec(lead ?? '')?.[1] ?? '').split(phraseEnd);
  const byNoun = [bracket, ...described.split(' and ')]
    .map(lastKnownNoun)
    .find((topic) => topic !== undefined);
  if (byNoun !== undefined) return byNoun;
  if (placeInPlace.test(title)) return 'place';
  return lead === undefined ? undefined : 'other';
}

/** The beginning of the text, where a word of the title stands in it. */
function leadOf(title: string, text: string): string | undefined {
  const start = text.slice(0, leadLength);
  const words = title.replace(/ *\([^()]*\)$/, '').split(/[\s,]+/);
  const head = start.slice(0, title.length + 40);
  return words.some((word) => word.length > 2 && head.includes(word)) ? start : undefined;
}

function lastKnownNoun(phrase: string): Topic | undefined {
  const words = phrase.toLowerCase().match(/[\p{L}]+/gu) ?? [];
  for (const word of words.reverse()) {
    const topic = topicOfNoun.get(word) ?? topicOfNoun.get(word.replace(/s$/, ''));
    if (topic !== undefined) return topic;
  }
  return undefined;
}
