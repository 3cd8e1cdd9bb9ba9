import type { Fact } from '../../corpus/fictional/facts.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import type { Random } from '../types/random.ts';
import { restated, unknown } from './solver-oracle.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Piece } from './turn.ts';
import { say, shown, toldBack } from './turn.ts';

const unknownShare = 0.15;

/**
 * Many facts restated after a few passages, in random order: a dense way to learn to look up. Only
 * the values train, as nothing says which fact is next.
 */
export function recallDrill(
  passages: readonly RetrievedPassage[],
  count: number,
  world: TrainingWorld,
  random: Random,
): Piece[] {
  const stated = passages.flatMap((passage) =>
    (world.factsOf.get(passage.title) ?? []).map((fact) => ({ fact, passage })),
  );
  const lines = random.sample(stated, count).map(({ fact, passage }) => {
    if (random.chance(unknownShare)) return missing(fact, world, random);
    return restated(fact.subject, fact.relation, { value: fact.object, from: shown(passage) });
  });
  return lines.flatMap((line) => [...line.map(onlyLast), say(';')]);
}

/** The other way round: which fact has this object, with relation and subject to be found. */
export function reverseDrill(
  passages: readonly RetrievedPassage[],
  count: number,
  world: TrainingWorld,
  random: Random,
): Piece[] {
  const stated = passages.flatMap((passage) =>
    (world.factsOf.get(passage.title) ?? []).map((fact) => ({ fact, passage })),
  );
  return random
    .sample(stated, count)
    .flatMap(({ fact, passage }) => [
      { text: ` ${fact.object}`, trains: false },
      ...toldBack(fact, passage),
      say(';'),
    ]);
}

/** A fact that no passage gives: of an entity that has no page here. */
function missing(fact: Fact, world: TrainingWorld, random: Random): Piece[] {
  const title = random.pick(world.titles);
  const other = world.factsOf.get(title)?.[0]?.subject ?? title;
  return [say(` ${other}`), say(` ${fact.relation}`), say(':'), say(` ${unknown}`)];
}

function onlyLast(piece: Piece, at: number, line: readonly Piece[]): Piece {
  return { ...piece, trains: at === line.length - 1 };
}
