import type { SeedsConfig } from '../config/seeds.ts';
import type { Topic } from '../types/seed.ts';
import { topics } from '../types/seed.ts';
import type { Candidate } from './candidate.ts';

/** The share of each topic that is wanted; they add up to 1. */
export function topicShares(config: SeedsConfig): Record<Topic, number> {
  const named = {
    person: config.personShare,
    place: config.placeShare,
    date: config.dateShare,
    number: config.numberShare,
    organization: config.organizationShare,
    work: config.workShare,
  };
  const sum = Object.values(named).reduce((total, share) => total + share, 0);
  return { ...named, other: Math.max(1 - sum, 0) };
}

/**
 * The first of each topic's candidates, so many that the topics stand in their shares. Where a topic
 * has too few, the others take its places, in their shares again; one with share 0 takes none.
 */
export function chooseAnswers(
  candidates: readonly Candidate[],
  count: number,
  shares: Readonly<Record<Topic, number>>,
): Candidate[] {
  const byTopic = Map.groupBy(candidates, ({ topic }) => topic ?? 'other');
  const available = topics.map((topic) => byTopic.get(topic)?.length ?? 0);
  const given = divide(
    count,
    topics.map((topic) => shares[topic]),
    available,
  );
  return topics.flatMap((topic, at) => byTopic.get(topic)?.slice(0, given[at]) ?? []);
}

/** The largest count for which every topic can stand in its share. */
export function countInShares(
  candidates: readonly Candidate[],
  shares: Readonly<Record<Topic, number>>,
): number {
  const byTopic = Map.groupBy(candidates, ({ topic }) => topic ?? 'other');
  const counts = topics.map((topic) =>
    shares[topic] === 0 ? Infinity : (byTopic.get(topic)?.length ?? 0) / shares[topic],
  );
  return Math.floor(Math.min(...counts) + 1e-9);
}

/** Divides `count` among parts by their weights, none over its limit; rests go to the heaviest. */
function divide(count: number, weights: readonly number[], limits: readonly number[]): number[] {
  const given = weights.map(() => 0);
  for (let left = count; left > 0;) {
    const open = [...weights.keys()].filter(
      (part) => (weights[part] ?? 0) > 0 && (given[part] ?? 0) < (limits[part] ?? 0),
    );
    if (open.length === 0) break;
    const sum = open.reduce((total, part) => total + (weights[part] ?? 0), 0);
    const round = left;
    for (const part of open.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0))) {
      const fair = Math.max(Math.floor((round * (weights[part] ?? 0)) / sum), 1);
      const more = Math.min(fair, left, (limits[part] ?? 0) - (given[part] ?? 0));
      given[part] = (given[part] ?? 0) + more;
      left -= more;
    }
  }
  return given;
}
