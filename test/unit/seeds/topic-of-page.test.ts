import { test } from 'tap';

import { openCorpus } from '../../../corpus/corpus.ts';
import type { KindName } from '../../../corpus/fictional/kind.ts';
import { topicOfPage } from '../../../src/seeds/topic-of-page.ts';
import type { Topic } from '../../../src/types/seed.ts';
import { fictionalCorpus } from '../../material/seeds/fictional-corpus.ts';

// First sentences of Wikipedia (CC BY-SA), shortened; topics by hand.
const cases: readonly [Topic | undefined, string, string][] = [
  ['person', 'Brian Backer', 'Brian Backer (born December 5, 1956) is an American actor.'],
  [
    'person',
    'Rudolph Suhrlandt',
    'Rudolph Suhrlandt( 19 December 1781, in L. – 2 February 1862) was',
  ],
  [
    'person',
    'Conor Kenny (rugby union)',
    'Conor Kenny( born 25 July 1996) is a rugby union player.',
  ],
  ['person', 'Pierre Dulin', 'Pierre Dulin was a French painter and writer of songs.'],
  ['work', 'Dune (novel)', 'Herbert wrote it in six years.'],
  ['work', 'Hoot', 'Hoot is a 2006 American family comedy film based on a novel by an author.'],
  ['work', 'Softer', '"Softer" is a song by American rock band Hole.'],
  [
    'organization',
    'Hüsker Dü',
    'Hüsker Dü was an American rock band formed in Saint Paul, a city.',
  ],
  ['organization', 'MGM', 'MGM is an American film studio.'],
  ['place', 'Smědá', 'The Smědá is a river of the Czech Republic.'],
  ['place', 'Orlinda, Tennessee', 'The population was 594 in Orlinda at the census.'],
  ['place', 'Austin, Texas', 'It was founded in the 1830s.'],
  ['other', 'Epperson v. Arkansas', 'Epperson v. Arkansas was a United States Supreme Court case.'],
  ['other', 'Accipitrinae', 'The Accipitrinae are the subfamily of the Accipitridae.'],
  [undefined, 'Remember the Time', 'Written and composed by Teddy Riley.'],
];

test('first sentences of an encyclopedia', (t) => {
  for (const [topic, title, text] of cases) t.equal(topicOfPage(title, text), topic, title);
  t.end();
});

const topicOfKind: Record<KindName, Topic> = {
  person: 'person',
  company: 'organization',
  town: 'place',
  river: 'place',
  bridge: 'place',
  novel: 'work',
  opera: 'work',
  ship: 'other',
};

test('every page of a fictional world', async (t) => {
  const { world, corpus } = await fictionalCorpus(t.testdir(), { seed: 3, entities: 400 });
  const topics = new Map<string, Topic>();
  for await (const { title, text } of (await openCorpus(corpus)).passages()) {
    const topic = topicOfPage(title, text);
    if (topic !== undefined && !topics.has(title)) topics.set(title, topic);
  }
  for (let entity = 0; entity < world.entities; entity += 1) {
    const title = world.titleOf(entity);
    const { name } = world.kindOf(entity);
    if (topics.get(title) !== topicOfKind[name]) {
      t.fail(`${title}, a ${name}, is taken for ${topics.get(title) ?? 'nothing'}`);
    }
  }
  t.equal(topics.size > world.entities, true);
});
