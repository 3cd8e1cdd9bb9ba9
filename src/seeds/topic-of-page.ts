import type { Topic } from '../types/seed.ts';

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

type PageTopic = Exclude<Topic, 'date' | 'number'>;

/** What a page is about, told by the noun that its first sentence ends its description with. */
const nouns: Readonly<Record<PageTopic, string>> = {
  person:
    'academic activist actor actress anarchist architect artist astronaut astronomer athlete author ' +
    'banker biologist bishop botanist boxer broadcaster businessman businesswoman ' +
    'cardinal chef chemist choreographer clergyman coach comedian commander composer conductor count countess ' +
    'criminal cricketer critic cyclist dancer designer diplomat director diver dramatist driver drummer ' +
    'duchess duke economist editor emperor empress engineer entrepreneur explorer figure filmmaker ' +
    'footballer gangster general geologist goalkeeper golfer governor guitarist gymnast historian illustrator ' +
    'inventor investor jockey journalist judge jurist king knight lawyer lawman leader librarian ' +
    'linguist lord lyricist magician man manager mathematician mayor member merchant midfielder minister ' +
    'missionary model monarch monk murderer musician naturalist nobleman noblewoman novelist nun ' +
    'nurse officer organist outfielder outlaw painter percussionist personality philosopher ' +
    'photographer physician physicist pianist pilot pioneer pirate pitcher player playwright poet ' +
    'politician pope preacher president priest prince princess printmaker producer professor ' +
    'programmer psychiatrist psychologist publisher queen racer rapper referee revolutionary rower ruler ' +
    'runner sailor saint scholar scientist screenwriter sculptor senator singer skater skier ' +
    'sociologist soldier songwriter spy statesman student suffragist surgeon swimmer teacher ' +
    'theologian theorist trader trainer translator treasurer violinist vocalist wife woman wrestler writer',
  place:
    'airport area arena basilica bay beach borough bridge building canal canyon capital castle ' +
    'cathedral cemetery church city commune community constituency continent country county ' +
    'creek dam department desert district estate forest fort fortress glacier ground gulf hamlet harbour ' +
    'highway hill house island islands junction lake lighthouse locality monastery mosque mountain ' +
    'mountains municipality museum neighborhood neighbourhood ocean palace park parish peak ' +
    'peninsula place plateau port prefecture province railroad railway range region republic reservoir ' +
    'resort river road route ruins sea settlement shrine site skyscraper square stadium state ' +
    'station strait stream street suburb summit synagogue temple territory theatre tower town ' +
    'township tributary valley venue village volcano waterfall wilderness zoo',
  organization:
    'academy agency airline alliance army association band bank battalion board brand brewery ' +
    'brigade bureau business cabinet cartel chain channel charity choir ' +
    'club college commission committee company conglomerate congregation consortium cooperative ' +
    'corporation council court developer division duo ensemble enterprise faculty federation ' +
    'firm foundation franchise fraternity gang government group guild hospital institute institution ' +
    'label league library maker manufacturer ministry movement navy network ' +
    'nonprofit office operator orchestra order organisation organization parliament party ' +
    'partnership quartet regiment retailer school seminary society sorority squadron ' +
    'startup store studio subsidiary supermarket syndicate team tribe trio troupe trust union unit ' +
    'university',
  work:
    'album anime anthem anthology autobiography ballad ballet book cantata cartoon ' +
    'comedy comic comics compilation composition concerto documentary drama encyclopedia ep epic ' +
    'episode essay fable film game hymn journal magazine manga memoir miniseries ' +
    'mixtape movie musical newspaper novel novella opera oratorio painting periodical play podcast ' +
    'poem program programme publication sculpture series show single sitcom soap sonata song ' +
    'soundtrack statue story suite symphony telenovela thriller tragedy treatise trilogy videogame',
  // Known to be none of these, so that no noun before them is taken: "a Supreme Court case".
  other:
    'aircraft animal attack award battle bird boat breed campaign car case ceremony character ' +
    'championship class competition conflict crisis currency cup death decade dialect disaster ' +
    'disease dynasty election engine event family festival fish flag food gene genus incident ' +
    'language law list locomotive massacre missile name plant prize process protein race religion ' +
    'season ship species sport surname system tank tournament train tree type vehicle virus war ' +
    'weapon yacht',
};

/** The topic of a singular noun in lower case; undefined where it tells none. */
const topicOfNoun: ReadonlyMap<string, Topic> = new Map(
  Object.entries(nouns).flatMap(([topic, words]) =>
    words.split(' ').map((word): [string, Topic] => [word, topic as PageTopic]),
  ),
);
