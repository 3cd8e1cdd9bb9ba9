import { answersToResample, fillBatch } from '../game/fill.ts';
import { renderProposerPrompt } from '../game/prompt.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { QuestionRecord, ReplayPool } from '../types/question-record.ts';
import type { Seed } from '../types/seed.ts';
import type { QuestionBatch, QuestionSource } from './question-source.ts';
import type { StepContext } from './rollouts.ts';
import { phase } from './rollouts.ts';
import type { ShuffledQueue } from './shuffled-queue.ts';
import type { StepTimer } from './step-timer.ts';
import { verify } from './verify.ts';

type SeedQueue = Pick<ShuffledQueue<Seed>, 'take' | 'drawn'>;

/** Self-play: the proposer asks for the answers of the queue; propose, filter, verify, fill. */
export class ProposedQuestions implements QuestionSource {
  readonly isProposed = true;
  readonly #queue: SeedQueue;

  constructor(queue: SeedQueue) {
    this.#queue = queue;
  }

  get drawn(): number {
    return this.#queue.drawn;
  }

  async nextBatch(
    pool: ReplayPool,
    context: StepContext,
    timer: StepTimer,
  ): Promise<QuestionBatch> {
    const proposed = await proposeRounds(this.#queue, context, timer);
    return placeQuestions(proposed, pool, context);
  }
}

/** Proposes and verifies; again for further answers where the strategy resamples. */
async function proposeRounds(
  queue: SeedQueue,
  context: StepContext,
  timer: StepTimer,
): Promise<QuestionRecord[]> {
  const { training, rollouts } = context;
  let all: QuestionRecord[] = [];
  let seeds = queue.take(training.batchQuestions);
  for (let rounds = 0; seeds.length > 0; rounds += 1) {
    const earlier = all;
    const proposed = await timer.run('propose', () => propose(seeds, earlier.length, context));
    const verified = await timer.run('verify', () => verify(proposed, earlier, context));
    all = [...all, ...verified];
    const missing = batchSize(context) - all.filter(isValid).length;
    const further = answersToResample(rollouts.parts.game.fill, { missing, rounds });
    seeds = further === 0 ? [] : queue.take(Math.ceil(further / training.proposals));
  }
  return all;
}

function batchSize({ training }: StepContext): number {
  return training.batchQuestions * training.proposals;
}

function isValid({ proposal }: QuestionRecord): boolean {
  return proposal?.verdict.kind === 'valid';
}

/** Marks the valid questions that are played, and adds the reused ones. */
function placeQuestions(
  proposed: readonly QuestionRecord[],
  pool: ReplayPool,
  context: StepContext,
): QuestionBatch {
  const { step, rollouts, random } = context;
  const fresh = proposed.flatMap((record) =>
    isValid(record) && record.question !== undefined
      ? [{ question: record.question, index: record.index }]
      : [],
  );
  const { fill } = rollouts.parts.game;
  const places = fillBatch(fresh, batchSize(context), fill, pool, random('fill'));
  const kept = new Set(
    places.flatMap((place) => (place.kind === 'fresh' ? place.question.index : [])),
  );
  const reused = places
    .flatMap((place) => (place.kind === 'reused' ? place.question : []))
    .map(({ question, answers }, i): QuestionRecord => {
      const index = proposed.length + i;
      return { step, index, question, answers, place: 'reused', attempts: [] };
    });
  const records = proposed.map((record): QuestionRecord =>
    kept.has(record.index) ? { ...record, place: 'fresh' } : record,
  );
  const dummies = places.filter(({ kind }) => kind === 'dummy').length;
  return { records: [...records, ...reused], dummies };
}

/**
 * Asks for a question for each seed, `training.proposals` times, and applies the rule filter. The
 * records of one seed stand side by side; what passed has the verdict `valid` for now. `from` is the
 * index of the first record.
 */
async function propose(
  seeds: readonly Seed[],
  from: number,
  context: StepContext,
): Promise<QuestionRecord[]> {
  const { rollouts, training, random } = context;
  const { format } = rollouts.parts.game;
  const tasks = seeds.flatMap((seed) => Array.from({ length: training.proposals }, () => seed));
  const starts = tasks.map((seed, i) => ({
    chat: renderProposerPrompt(format, seed),
    seed: random('propose', from + i).next(),
  }));
  const episodes = await rollouts.play('proposer', starts, phase(context, 'propose'));
  return episodes.flatMap((episode, i) => {
    const seed = tasks[i];
    return seed === undefined ? [] : [proposalRecord(from + i, seed, episode, context)];
  });
}

function proposalRecord(
  index: number,
  seed: Seed,
  episode: EpisodeRecord,
  { step, rollouts }: StepContext,
): QuestionRecord {
  const filtered = filterQuestion(episode, seed.answers, rollouts.parts.game.filter);
  const asked = episode.outcome.kind === 'answered' ? { question: episode.outcome.text } : {};
  const verdict =
    filtered.kind === 'accepted'
      ? ({ kind: 'valid' } as const)
      : filtered.kind === 'rejected'
        ? ({ ...filtered, by: 'filter' } as const)
        : filtered;
  return {
    ...{ step, index, seed, proposal: { episode, verdict }, ...asked },
    ...{ answers: seed.answers, place: 'none', attempts: [] },
  };
}
