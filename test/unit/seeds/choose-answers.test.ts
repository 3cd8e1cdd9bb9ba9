import { test } from 'tap';

import { seedsConfig } from '../../../src/config/seeds.ts';
import type { Candidate } from '../../../src/seeds/candidate.ts';
import { newCandidate } from '../../../src/seeds/candidate.ts';
import { chooseAnswers, countInShares, topicShares } from '../../../src/seeds/choose-answers.ts';
import type { Topic } from '../../../src/types/seed.ts';
import { topics } from '../../../src/types/seed.ts';

const none = { person: 0, place: 0, date: 0, number: 0, organization: 0, work: 0, other: 0 };

function candidates(counts: Partial<Record<Topic, number>>): Candidate[] {
  return topics.flatMap((topic) =>
    Array.from({ length: counts[topic] ?? 0 }, (_, at): Candidate => {
      const key = `${topic} ${at}`;
      return { ...newCandidate(key, { text: key, source: 'title' }), topic };
    }),
  );
}

function counts(chosen: readonly Candidate[]): Partial<Record<Topic, number>> {
  const byTopic = Map.groupBy(chosen, ({ topic }) => topic ?? 'other');
  return Object.fromEntries([...byTopic].map(([topic, { length }]) => [topic, length]));
}

test('shares are met where there is enough, by the first of each topic', (t) => {
  const all = candidates({ person: 100, date: 100, other: 100 });
  const chosen = chooseAnswers(all, 100, { ...none, person: 0.6, date: 0.3, other: 0.1 });
  t.strictSame(counts(chosen), { person: 60, date: 30, other: 10 });
  t.equal(chosen[59]?.key, 'person 59');
  t.equal(countInShares(all, { ...none, person: 0.6, date: 0.3, other: 0.1 }), 166);
  t.end();
});

test('others take the places of a topic that has too few, those with a share', (t) => {
  const all = candidates({ person: 5, date: 100, work: 100, other: 100 });
  const shares = { ...none, person: 0.5, date: 0.3, work: 0.2 };
  t.strictSame(counts(chooseAnswers(all, 100, shares)), { person: 5, date: 57, work: 38 });
  t.strictSame(counts(chooseAnswers(all, 1000, shares)), { person: 5, date: 100, work: 100 });
  const tight = candidates({ person: 5, date: 40, work: 100 });
  t.strictSame(counts(chooseAnswers(tight, 100, shares)), { person: 5, date: 40, work: 55 });
  t.strictSame(chooseAnswers([], 10, shares), []);
  t.equal(countInShares(all, shares), 10);
  t.end();
});

test("the default shares are the paper's where it gives one, and add up to 1", (t) => {
  const shares = topicShares(seedsConfig.parse({}));
  t.match(shares, { person: 0.26, date: 0.13, place: 0.09 });
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  t.ok(Math.abs(sum - 1) < 1e-12);
  const wrong = seedsConfig.safeParse({ personShare: 0.9 });
  t.match(wrong.error?.issues[0]?.message, /more than 1/);
  t.notOk(seedsConfig.safeParse({ minHops: 4, maxHops: 3 }).success);
  t.notOk(seedsConfig.safeParse({ minChars: 4, maxChars: 3 }).success);
  t.end();
});
