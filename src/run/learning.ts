import type { StepMetrics } from '../types/step-metrics.ts';

/** Whether a run learnt at all, and what kept it from it. */
export interface Learning {
  /** Steps that were played. */
  readonly steps: number;
  /** Of them those with an optimizer step. */
  readonly updated: number;
  /** Why most of the rejected questions were rejected; undefined where none was. */
  readonly leading:
    { readonly reason: string; readonly count: number; readonly proposals: number } | undefined;
  /** How the groups of attempts at given questions came out; undefined where they were proposed. */
  readonly given: GivenGroups | undefined;
}

interface GivenGroups {
  readonly groups: number;
  /** Those whose attempts differ in reward. */
  readonly mixed: number;
  /** Mean over steps; null for none. */
  readonly reward: number | null;
}

/** What to do about a reason that leads; others have a reading of some episodes as their remedy. */
const remedies: Readonly<Record<string, string>> = {
  'no-question':
    'the proposer writes no question in its tags: take game.format ssp-example, or a warm start',
  'too-few-words': 'questions are shorter than game.minQuestionWords',
  'too-few-characters': 'questions are shorter than game.minQuestionChars',
  'too-many-characters': 'questions are longer than game.maxQuestionChars',
  'answer-in-question': 'questions give their answer away: say so in the prompt, or a warm start',
  'no-material': 'searches find nothing: look at the index with `ssp search`',
  'too-few-searches':
    'the proposer searches less than game.minSearches: take game.format ssp-example',
  'repeated-query': 'the proposer asks the same again: raise game.proposerTemperature',
  'answer-in-query':
    'the proposer searches for the answer itself; game.rejectAnswerInQuery forbids it',
  'no-content-word':
    'questions share no content word with what was found: a warm start, or game.requireContentWord',
  'no-answer': 'the verifier writes no answer in its tags: take another reader, or a warm start',
  'length-limit': 'material is longer than game.verifierMaxPromptTokens, or game.noise is too much',
  'wrong-answer': 'the verifier answers otherwise: less game.noise, a judge, a stronger reader',
};

/** Counts over the metrics of a run; step 0, the state before training, is none of its steps. */
export function learningOf(metrics: readonly StepMetrics[]): Learning {
  const played = metrics.filter(({ step }) => step > 0);
  const counts = new Map<string, number>();
  for (const { proposer } of played) {
    for (const [reason, count] of Object.entries(proposer?.rejected ?? {})) {
      counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
  }
  const [top] = [...counts].toSorted(([, a], [, b]) => b - a);
  const proposals = played.reduce((sum, { proposer }) => sum + (proposer?.episodes ?? 0), 0);
  return {
    steps: played.length,
    updated: played.filter((step) => optimizerSteps(step) > 0).length,
    leading: top === undefined ? undefined : { reason: top[0], count: top[1], proposals },
    given: played.some(({ proposer }) => proposer === null) ? givenGroups(played) : undefined,
  };
}

function givenGroups(played: readonly StepMetrics[]): GivenGroups {
  const rewards = played.flatMap(({ solver }) => solver.reward ?? []);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    groups: sum(played.map(({ solver }) => solver.groups)),
    mixed: sum(played.map(({ solver }) => solver.mixedGroups)),
    reward: rewards.length === 0 ? null : sum(rewards) / rewards.length,
  };
}

/** Optimizer steps of a step over all its updates. */
export function optimizerSteps({ updates }: Pick<StepMetrics, 'updates'>): number {
  return Object.values(updates).reduce((sum, facts) => sum + (facts?.optimizerSteps ?? 0), 0);
}

/** `updates in 3 of 10 steps; most rejected: no-question (40 of 60), ...`; the reason where few were made. */
export function learningText(learning: Learning): string {
  const { steps, updated } = learning;
  const made = `updates in ${updated} of ${steps} steps`;
  return updated * 2 > steps ? made : [made, ...reasonText(learning)].join('; ');
}

/** What kept the run from learning and what to do about it; nothing where that is not known. */
export function reasonText({ leading, given }: Learning): string[] {
  if (given !== undefined) return givenText(given);
  if (leading === undefined) return [];
  const { reason, count, proposals } = leading;
  const remedy = remedies[reason] ?? 'read some episodes with `ssp play`';
  return [`most rejected: ${reason} (${count} of ${proposals} proposals): ${remedy}`];
}

/** Groups with one reward throughout have no gradient: the questions are too hard, or too easy. */
function givenText({ groups, mixed, reward }: GivenGroups): string[] {
  if (reward === null) return [];
  const remedy =
    reward < 0.5
      ? 'take easier questions, more game.attempts, or a warm start'
      : 'take harder questions';
  const rewards = `unlike rewards in ${mixed} of ${groups} groups, mean ${reward.toFixed(2)}`;
  return [`${rewards}: ${remedy}`];
}
