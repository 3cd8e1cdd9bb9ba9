import type { Config } from '../../config/schema.ts';
import { countOutcomes } from '../../rollout/play-episode.ts';
import type { QuestionRecord } from '../../types/question-record.ts';

type Role = Config['rollout']['role'];

/** What came of rollouts, counted; the outcomes add up to the episodes. */
export interface RolloutCounts {
  /** Questions, or proposals where the proposer played. */
  readonly questions: number;
  readonly episodes: number;
  /** By `Outcome['kind']`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the solver. */
  readonly attempts: number;
  /** Those with the full reward, and questions with at least one of them. */
  readonly right: number;
  readonly solved: number;
  /** Proposals that passed filter and verification. */
  readonly valid: number;
  /** Proposals by the reason of filter or verification. */
  readonly rejected: Readonly<Record<string, number>>;
}

export const noRollouts: RolloutCounts = {
  ...{
    questions: 0,
    episodes: 0,
    outcomes: {},
    attempts: 0,
    right: 0,
    solved: 0,
    valid: 0,
    rejected: {},
  },
};

/** The counts of these records alone; all zero for none. */
export function countRollouts(records: readonly QuestionRecord[]): RolloutCounts {
  const episodes = records.flatMap(({ proposal, attempts }) =>
    [proposal, ...attempts].flatMap((part) => part?.episode ?? []),
  );
  const right = records.map(
    ({ attempts }) =>
      attempts.filter(({ reward }) => reward.kind === 'reward' && reward.reward === 1).length,
  );
  const verdicts = records.flatMap(({ proposal }) => proposal?.verdict ?? []);
  const rejected: Record<string, number> = {};
  for (const verdict of verdicts) {
    if (verdict.kind !== 'rejected') continue;
    rejected[verdict.reason] = (rejected[verdict.reason] ?? 0) + 1;
  }
  return {
    questions: records.length,
    episodes: episodes.length,
    outcomes: countOutcomes(episodes).outcomes,
    attempts: records.reduce((sum, { attempts }) => sum + attempts.length, 0),
    right: right.reduce((sum, count) => sum + count, 0),
    solved: right.filter((count) => count > 0).length,
    valid: verdicts.filter(({ kind }) => kind === 'valid').length,
    rejected,
  };
}

/** The counts of both together. */
export function addCounts(a: RolloutCounts, b: RolloutCounts): RolloutCounts {
  return {
    questions: a.questions + b.questions,
    episodes: a.episodes + b.episodes,
    outcomes: addTallies(a.outcomes, b.outcomes),
    attempts: a.attempts + b.attempts,
    right: a.right + b.right,
    solved: a.solved + b.solved,
    valid: a.valid + b.valid,
    rejected: addTallies(a.rejected, b.rejected),
  };
}

type Tally = Readonly<Record<string, number>>;

function addTallies(a: Tally, b: Tally): Tally {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));
}

/** `120 episodes: answered 110, no-answer 10; right 45 %, 31 of 40 questions at least once`. */
export function countsText(counts: RolloutCounts, role: Role): string {
  const { questions, episodes, outcomes, right, solved, valid, rejected, attempts } = counts;
  const asked = [`valid ${valid} of ${questions}`, ...named(rejected)];
  const of = role === 'solver' ? questions : valid;
  const answered = [
    `right ${percent(right, attempts)}`,
    `${solved} of ${of} questions at least once`,
  ];
  const came = [...(role === 'solver' ? [] : asked), ...(role === 'proposer' ? [] : answered)];
  return `${episodes} episodes: ${named(outcomes).join(', ')}; ${came.join(', ')}`;
}

function named(tally: Tally): string[] {
  return Object.entries(tally).flatMap(([name, count]) => (count > 0 ? `${name} ${count}` : []));
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${Math.round((100 * part) / whole)} %`;
}
