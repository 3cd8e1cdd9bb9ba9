import type { Question } from '../../../corpus/fictional/questions.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { Random } from '../../types/random.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Oracle, Piece, Source } from './turn.ts';
import { copy, nowhere, own, say, shown } from './turn.ts';

/** How often, 0..1, a player goes wrong. */
export interface Lapses {
  /** Ends after a hop although there is another one. */
  readonly stop: number;
  /** Searches for another relation than the one asked for, and ends with what it finds. */
  readonly query: number;
  /** Takes another name of the passage for the value. */
  readonly value: number;
}

export const noLapses: Lapses = { stop: 0, query: 0, value: 0 };

/** What a player says where the passages do not give a value. */
export const unknown = 'unknown';

/** A fact as its passage states it. */
interface Reading {
  readonly value: string;
  /** The passage as shown; undefined where the value is unknown. */
  readonly from: string | undefined;
  /** The other values of that page. */
  readonly others: readonly string[];
}

/**
 * The solver: for each hop it searches for subject and relation, restates the fact that it read, and
 * goes on with its value.
 */
export function* solve(
  { question, chain }: Pick<Question, 'question' | 'chain'>,
  world: TrainingWorld,
  lapses: Lapses,
  random: Random,
): Oracle {
  let subject = chain[0]?.subject ?? '';
  let from: Source = ` ${question}`;
  let thought: readonly Piece[] = [];
  for (const [hop, fact] of chain.entries()) {
    const errs = random.chance(lapses.query);
    const relation = errs ? otherRelation(world, subject, fact.relation, random) : fact.relation;
    const passages = yield [
      ...[...thought, say('<search>'), copy(subject, from)],
      ...[say(` ${relation}`), say('</search>')],
    ];
    const read = readFact(subject, relation, passages, world);
    const misreads = read.others.length > 0 && random.chance(lapses.value);
    const value = misreads ? random.pick(read.others) : read.value;
    thought = [say('<think>'), ...restated(subject, relation, { ...read, value }), say('</think>')];
    const ends = errs || misreads || read.from === undefined;
    if (ends || hop === chain.length - 1 || random.chance(lapses.stop)) {
      yield [...thought, say('<answer>'), copy(value, own), say('</answer>')];
      return;
    }
    subject = value;
    from = own;
  }
}

/** "Zeiski Mogorg builder: Doalva Skunont" */
export function restated(
  subject: string,
  relation: string,
  { value, from }: Pick<Reading, 'value' | 'from'>,
): Piece[] {
  return [copy(subject, own), say(` ${relation}`), say(':'), copy(value, from ?? nowhere)];
}

/** What the passages say; unknown where none is the subject's page or the page does not tell. */
export function readFact(
  subject: string,
  relation: string,
  passages: readonly RetrievedPassage[],
  { factsOf }: TrainingWorld,
): Reading {
  for (const passage of passages) {
    const facts = factsOf.get(passage.title) ?? [];
    const fact = facts.find((one) => one.subject === subject && one.relation === relation);
    if (fact === undefined) continue;
    const others = facts.filter((one) => one !== fact).map(({ object }) => object);
    return { value: fact.object, from: shown(passage), others };
  }
  return { value: unknown, from: undefined, others: [] };
}

function otherRelation(
  { factsOf }: TrainingWorld,
  subject: string,
  relation: string,
  random: Random,
): string {
  const others = (factsOf.get(subject) ?? []).filter((fact) => fact.relation !== relation);
  return others.length === 0 ? relation : random.pick(others).relation;
}
