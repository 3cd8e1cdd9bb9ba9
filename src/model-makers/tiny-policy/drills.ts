import type { Fact } from '../../../corpus/fictional/facts.ts';
import { kinds } from '../../../corpus/fictional/kinds.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { Random } from '../../types/random.ts';
import { restated, unknown } from './solver-oracle.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Piece } from './turn.ts';
import { copy, nowhere, say, shown, toldBack } from './turn.ts';

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
    if (random.chance(unknownShare)) return missing(fact, passages, world, random);
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

/** A fact that no passage gives: of a namesake without a page here, or one that the page leaves out. */
function missing(
  fact: Fact,
  passages: readonly RetrievedPassage[],
  world: TrainingWorld,
  random: Random,
): Piece[] {
  const told = new Set((world.factsOf.get(fact.page) ?? []).map(({ relation }) => relation));
  const others = relationNames.filter((name) => !told.has(name));
  const [subject, relation] = random.chance(0.5)
    ? [strangerTo(fact.subject, passages, world, random), fact.relation]
    : [fact.subject, random.pick(others)];
  return [say(` ${subject}`), say(` ${relation}`), say(':'), copy(unknown, nowhere)];
}

const relationNames = kinds.flatMap(({ relations }) => relations.map(({ name }) => name));

/** A name that the passages do not have; half of the time it shares its first or last word. */
function strangerTo(
  name: string,
  passages: readonly RetrievedPassage[],
  { pagesWithFacts }: TrainingWorld,
  random: Random,
): string {
  const [first = ''] = name.split(' ');
  const last = name.slice(name.lastIndexOf(' '));
  const names = pagesWithFacts.flatMap(([fact]) => fact?.subject ?? []);
  const strangers = names.filter((other) => passages.every(({ text }) => !text.includes(other)));
  const alike = strangers.filter((other) => other.startsWith(`${first} `) || other.endsWith(last));
  return random.pick(alike.length > 0 && random.chance(0.5) ? alike : strangers);
}

function onlyLast(piece: Piece, at: number, line: readonly Piece[]): Piece {
  return { ...piece, trains: at === line.length - 1 };
}
