import type { TrainingConfig } from '../config/training.ts';
import type { Sample } from './samples.ts';

/** What decides how the rollouts of an update are divided. */
type Division = Pick<
  TrainingConfig,
  'batchQuestions' | 'miniBatchQuestions' | 'proposerMiniBatchQuestions' | 'miniBatchesOf'
>;

/**
 * The mini-batches of an update, one optimizer step each; none is empty. `rollouts`: as many as the
 * questions of a step make, batchQuestions by miniBatchQuestions rounded up, in parts whose numbers of
 * rollouts differ by one at most, so that no small rest takes a whole step. `questions`: parts of
 * miniBatchQuestions records, the last one smaller, reused questions after the others. Either way in the
 * order of records, and within a part first the proposer's, then the solver's. `sampleOf` gives the
 * sample of an item; where all are the proposer's its own mini-batch counts.
 */
export function miniBatches<Item>(
  items: readonly Item[],
  sampleOf: (item: Item) => Pick<Sample, 'index' | 'role'>,
  division: Division,
): Item[][] {
  const { batchQuestions, miniBatchQuestions, miniBatchesOf } = division;
  const isProposers = items.every((item) => sampleOf(item).role === 'proposer');
  const size =
    (isProposers ? division.proposerMiniBatchQuestions : undefined) ?? miniBatchQuestions;
  if (miniBatchesOf === 'questions') return ofQuestions(items, sampleOf, size);
  const byRecord = items.toSorted((a, b) => sampleOf(a).index - sampleOf(b).index);
  const parts = equalParts(byRecord, Math.ceil(batchQuestions / size));
  return parts.map((part) => byRole(part, sampleOf));
}

/** The items in their order in `count` parts, as equal as can be; empty ones are left out. */
function equalParts<Item>(items: readonly Item[], count: number): Item[][] {
  const start = (part: number): number => Math.floor((part * items.length) / count);
  return Array.from({ length: count }, (_, i) => items.slice(start(i), start(i + 1))).filter(
    ({ length }) => length > 0,
  );
}

function ofQuestions<Item>(
  items: readonly Item[],
  sampleOf: (item: Item) => Pick<Sample, 'index'>,
  size: number,
): Item[][] {
  const indexes = [...new Set(items.map((item) => sampleOf(item).index))];
  const rank = new Map(indexes.map((index, i) => [index, Math.floor(i / size)]));
  return [...Map.groupBy(items, (item) => rank.get(sampleOf(item).index)).values()];
}

/** Rollouts of one role stand together, as they share a request. */
function byRole<Item>(
  items: readonly Item[],
  sampleOf: (item: Item) => Pick<Sample, 'role'>,
): Item[] {
  const of = (role: Sample['role']): Item[] => items.filter((item) => sampleOf(item).role === role);
  return [...of('proposer'), ...of('solver')];
}
