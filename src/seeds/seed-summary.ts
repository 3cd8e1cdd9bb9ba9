import type { SeedsConfig } from '../config/seeds.ts';
import type { Seed, Topic } from '../types/seed.ts';
import { topics } from '../types/seed.ts';
import type { Candidate, FormSource } from './candidate.ts';
import { formSources } from './candidate.ts';
import type { AnswerOverlap } from './evaluation-answers.ts';

/** What became of the candidates: with the seeds they add up to `found`. */
export interface CandidateCounts {
  readonly found: number;
  /** They name two pages. */
  readonly ambiguous: number;
  /** No other page mentions them often enough. */
  readonly unmentioned: number;
  /** They are golden answers of an evaluation set. */
  readonly excluded: number;
  /** Good ones that were not drawn. */
  readonly left: number;
}

/** `<seeds>.summary.json`: what the seeds are and how they were made. */
export interface SeedSummary {
  readonly formatVersion: 1;
  readonly toolVersion: string;
  readonly corpusHash: string;
  readonly options: SeedsConfig;
  readonly candidates: CandidateCounts;
  /** Candidates that were dropped, by evaluation set; one may count in several. */
  readonly excludedBySet: AnswerOverlap['bySet'];
  /** With at most so many seeds every topic would stand in its share. */
  readonly countInShares: number;
  readonly count: number;
  /** SHA-256 of the seeds' file. */
  readonly hash: string;
  /** Shares in 0..1. */
  readonly topics: Readonly<
    Record<Topic, { readonly count: number; readonly share: number; readonly wanted: number }>
  >;
  /** Characters of the answers' main forms; `upTo` holds how many are at most so long. */
  readonly length: {
    readonly mean: number;
    readonly upTo: Readonly<Record<string, number>>;
  };
  readonly hops: Readonly<Record<string, number>>;
  readonly sources: SourceCounts;
  /** Links that the corpus keeps; null where it keeps none, so that none could be used. */
  readonly corpusAnchors: number | null;
}

const lengthSteps = [5, 10, 15, 20, 30, 1000];

/** The distributions of a summary. */
export function describeSeeds(
  seeds: readonly Seed[],
  wanted: Readonly<Record<Topic, number>>,
): Pick<SeedSummary, 'count' | 'topics' | 'length' | 'hops'> {
  const lengths = seeds.map(({ answers: [answer = ''] }) => Array.from(answer).length);
  const byTopic = Map.groupBy(seeds, ({ topic }) => topic ?? 'other');
  const byHops = Map.groupBy(seeds, ({ hops }) => hops);
  const topicFacts = topics.map((topic) => {
    const count = byTopic.get(topic)?.length ?? 0;
    return [topic, { count, share: round(count / seeds.length), wanted: round(wanted[topic]) }];
  });
  return {
    count: seeds.length,
    topics: Object.fromEntries(topicFacts) as SeedSummary['topics'],
    length: {
      mean: round(lengths.reduce((sum, length) => sum + length, 0) / seeds.length),
      upTo: Object.fromEntries(
        lengthSteps.map((step) => [step, lengths.filter((length) => length <= step).length]),
      ),
    },
    hops: Object.fromEntries(
      [...byHops].map(([hops, { length }]) => [hops, length]).sort(([a = 0], [b = 0]) => a - b),
    ) as SeedSummary['hops'],
  };
}

/** The summary in words, a line a fact. What could not be met is said. */
export function summaryText(path: string, summary: SeedSummary): string {
  const { count, countInShares, candidates, options, length, corpusAnchors } = summary;
  const { found, ambiguous, unmentioned, excluded, left } = candidates;
  const shares = topics.map((topic) => {
    const { count: of, share, wanted } = summary.topics[topic];
    const isShort = share < wanted - 0.01;
    const note = isShort ? '  all that there are' : '';
    return `  ${topic.padEnd(13)}${String(of).padStart(7)}  ${percent(share)} of ${percent(wanted)} wanted${note}`;
  });
  const sets = Object.entries(summary.excludedBySet).map(([set, of]) => `${set} ${of}`);
  return [
    `${path}: ${count} seeds${count < options.count ? ` (${options.count} wanted)` : ''}`,
    ...shares,
    ...(count > countInShares ? [`  in the wanted shares there are at most ${countInShares}`] : []),
    `  mean length ${length.mean.toFixed(1)} characters (14.5 in the paper)`,
    `  hops ${Object.entries(summary.hops)
      .map(([hops, of]) => `${hops}: ${of}`)
      .join(', ')}`,
    ...sourceLines(summary.sources),
    ...(options.anchors && corpusAnchors === null
      ? ['  no link anchors: this corpus keeps none (imported, or built by an earlier version)']
      : []),
    `  of ${found} answers ${ambiguous} name two pages, ${unmentioned} are mentioned too rarely, ${excluded} are evaluated, ${left} are left`,
    ...(sets.length === 0 ? [] : [`  dropped by set: ${sets.join(', ')}`]),
  ].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(5)} %`;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** How many answers have their main form from a source, and how many further forms it gave. */
export type SourceCounts = Readonly<
  Record<FormSource, { readonly answers: number; readonly furtherForms: number }>
>;

/** Where the forms of answers come from. */
export function countSources(chosen: readonly Candidate[]): SourceCounts {
  const sources = chosen.map(({ forms }) => Array.from(forms.values(), ({ source }) => source));
  const main = Map.groupBy(sources, ([first]) => first);
  const further = Map.groupBy(
    sources.flatMap(([, ...others]) => others),
    (source) => source,
  );
  const counts = formSources.map((source) => {
    const answers = main.get(source)?.length ?? 0;
    return [source, { answers, furtherForms: further.get(source)?.length ?? 0 }];
  });
  return Object.fromEntries(counts) as SourceCounts;
}

/** The counts in words; sources that gave nothing are left out. */
function sourceLines(sources: SourceCounts): string[] {
  const of = (part: keyof SourceCounts[FormSource]): string => {
    const counts = formSources.map((source) => [source, sources[source][part]] as const);
    const given = counts.filter(([, count]) => count > 0);
    return given.length === 0
      ? 'none'
      : given.map(([name, count]) => `${name} ${count}`).join(', ');
  };
  return [`  answers from ${of('answers')}`, `  further forms from ${of('furtherForms')}`];
}
