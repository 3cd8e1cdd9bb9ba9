import type { Fact } from '../../../corpus/fictional/facts.ts';
import { kindNamed } from '../../../corpus/fictional/kinds.ts';
import type { Step } from '../../../corpus/fictional/path-search.ts';
import { questionText } from '../../../corpus/fictional/questions.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { Random } from '../../types/random.ts';
import { unknown } from './solver-oracle.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Oracle, Piece, Source } from './turn.ts';
import { copy, copyWithin, nowhere, own, say, toldBack } from './turn.ts';

/** A fact that was found, with the passage that states it. */
interface Found {
  readonly fact: Fact;
  readonly passage: RetrievedPassage;
}

/**
 * The proposer: searches for the answer, restates a fact that it is the object of, searches for that
 * fact's subject, and so on up to `hops` times; it ends early with probability `stop` at each hop.
 * Where nothing is found for the answer itself it says so, which the filter rejects.
 */
export function* propose(
  answer: string,
  hops: number,
  world: TrainingWorld,
  stop: number,
  random: Random,
): Oracle {
  const chain: Fact[] = [];
  let object = answer;
  let from: Source = ` ${answer}`;
  let thought: readonly Piece[] = [];
  for (let hop = 1; hop <= hops; hop += 1) {
    const passages = yield [...thought, say('<search>'), copy(object, from), say('</search>')];
    from = own;
    const links = linksTo(object, passages, world).filter(
      ({ fact }) =>
        fact.subject !== answer && chain.every(({ subject }) => subject !== fact.subject),
    );
    thought = [];
    if (links.length === 0) break;
    const { fact, passage } = random.pick(links);
    chain.push(fact);
    thought = [say('<think>'), copy(object, own), ...toldBack(fact, passage), say('</think>')];
    object = fact.subject;
    if (hop < hops && random.chance(stop)) break;
  }
  if (chain.length === 0) {
    yield [
      ...[say('<think>'), copy(answer, own), say(':'), copy(unknown, nowhere), say('</think>')],
      ...[say('<question>'), copy(unknown, own), say('</question>')],
    ];
    return;
  }
  const question = askFor(chain, world, random);
  yield [...thought, say('<question>'), ...copyWithin(question, object), say('</question>')];
}

/** The facts of the passages that have this object. */
function linksTo(
  object: string,
  passages: readonly RetrievedPassage[],
  { factsOf }: TrainingWorld,
): Found[] {
  return passages.flatMap((passage) =>
    (factsOf.get(passage.title) ?? [])
      .filter((fact) => fact.object === object)
      .map((fact) => ({ fact, passage })),
  );
}

/**
 * The question in the first of the world's wordings, as one way to say a thing is learned sooner than
 * three; the chain's first fact has the answer.
 */
function askFor(chain: readonly Fact[], { world }: TrainingWorld, random: Random): string {
  const [first, ...others] = chain.toReversed().map(stepOf);
  const start = (chain.at(-1)?.pageId ?? 1) - 1;
  if (first === undefined) throw new RangeError('A question needs a fact.');
  const plain: Random = { ...random, pick: firstOf, chance: () => false };
  return questionText(world, { nodes: [start], steps: [first, ...others] }, plain);

  function stepOf({ relation, pageId }: Fact): Step {
    const { relations } = kindNamed[world.kindOf(pageId - 1).name];
    const known = relations.find(({ name }) => name === relation);
    if (known === undefined) throw new RangeError(`There is no relation ${relation}.`);
    return { relation: known, back: false };
  }
}

function firstOf<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined) throw new RangeError('There is nothing to take.');
  return first;
}
