import { renderPrompt } from '../game/prompt.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { Seed } from '../types/seed.ts';
import type { StepContext } from './step-context.ts';
import { phase } from './step-context.ts';

/**
 * Asks for a question for each seed, `training.proposals` times, and applies the rule filter. The
 * records of one seed stand side by side; what passed has the verdict `valid` for now. `from` is the
 * index of the first record.
 */
export async function propose(
  seeds: readonly Seed[],
  from: number,
  context: StepContext,
): Promise<QuestionRecord[]> {
  const { table, training, random } = context;
  const { format } = table.parts.game;
  const tasks = seeds.flatMap((seed) => Array.from({ length: training.proposals }, () => seed));
  const seats = tasks.map(({ answers, hops }, i) => ({
    chat: renderPrompt(format, 'proposer', { answer: answers[0] ?? '', hops }),
    seed: random('propose', from + i).next(),
  }));
  const episodes = await table.play('proposer', seats, phase(context, 'propose'));
  return episodes.flatMap((episode, i) => {
    const seed = tasks[i];
    return seed === undefined ? [] : [proposalRecord(from + i, seed, episode, context)];
  });
}

function proposalRecord(
  index: number,
  seed: Seed,
  episode: EpisodeRecord,
  { step, table }: StepContext,
): QuestionRecord {
  const filtered = filterQuestion(episode, seed.answers, table.parts.game.filter);
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
