import { kinds } from './kinds.ts';
import type { PathSearch, Step } from './path-search.ts';
import { createPathSearch } from './path-search.ts';
import type { World } from './world.ts';

/** What a question asks for, by the facts of its world. */
interface Reading {
  /** Each thing that the facts lead to, in every way to write it; none where they lead nowhere. */
  readonly answers: readonly (readonly [string, ...string[]])[];
  /** Facts that must be joined; of the shortest way where a text can be read in several. */
  readonly hops: number;
}

export interface QuestionReader {
  /** Undefined for a question in none of the world's wordings, or about a name that it has not. */
  read(question: string): Reading | undefined;
  /** Every way to write each answer that the facts give; none for a question that is not read. */
  answersTo(question: string): string[];
}

/** The entities that a noun phrase stands for. */
interface PhraseReading {
  readonly entities: readonly number[];
  readonly hops: number;
}

/** A wording with its hole, cut in two. */
interface Wording {
  readonly step: Step;
  readonly before: string;
  readonly after: string;
}

/**
 * Reads questions that were put together from the world's own wordings, as makeQuestions writes them.
 * So the truth of a question that a player made up can be told; it is never a reward.
 */
export function createQuestionReader(world: World): QuestionReader {
  const search = createPathSearch(world);
  const entitiesNamed = namesOf(world);
  const readPhrase = (text: string): PhraseReading | undefined => {
    const named = entitiesNamed.get(text);
    if (named !== undefined) return { entities: named, hops: 0 };
    const ways = waysToRead(text, phraseWordings, readPhrase);
    if (ways.length === 0) return undefined;
    const reached = ways.flatMap(({ from, step }) =>
      leadsToEntity(step) ? search.follow(from.entities, step) : [],
    );
    return { entities: [...new Set(reached)], hops: hopsOf(ways) };
  };
  const read = (question: string): Reading | undefined => {
    const ways = waysToRead(question, questionWordings, readPhrase);
    if (ways.length === 0) return undefined;
    const answers = ways.flatMap(({ from, step }) =>
      answerTexts(world, search, from.entities, step),
    );
    const distinct = new Map(answers.map((texts) => [texts.join('\n'), texts]));
    return { answers: [...distinct.values()], hops: hopsOf(ways) };
  };
  return {
    read,
    answersTo: (question) => [...new Set(read(question)?.answers.flat() ?? [])],
  };
}

/** One wording that a text fits, with what stands in its hole. */
interface Way {
  readonly from: PhraseReading;
  readonly step: Step;
}

function waysToRead(
  text: string,
  wordings: readonly Wording[],
  readPhrase: (inner: string) => PhraseReading | undefined,
): Way[] {
  return wordings.flatMap(({ step, before, after }) => {
    const fits =
      text.startsWith(before) && text.endsWith(after) && text.length > before.length + after.length;
    if (!fits) return [];
    const from = readPhrase(text.slice(before.length, text.length - after.length));
    return from === undefined ? [] : [{ from, step }];
  });
}

function hopsOf(ways: readonly Way[]): number {
  return 1 + Math.min(...ways.map(({ from }) => from.hops));
}

function answerTexts(
  world: World,
  search: PathSearch,
  from: readonly number[],
  step: Step,
): (readonly [string, ...string[]])[] {
  const { relation, back } = step;
  return search
    .follow(from, step)
    .map((reached) => (back ? world.namesOf(reached) : world.textsOf(relation.object, reached)));
}

function leadsToEntity({ relation, back }: Step): boolean {
  return back || relation.object.type === 'entity';
}

/** Entities by name, by second name, and by either with the kind before it. */
function namesOf(world: World): Map<string, number[]> {
  const entities = new Map<string, number[]>();
  const add = (text: string, entity: number): void => {
    entities.set(text, [...(entities.get(text) ?? []), entity]);
  };
  for (let entity = 0; entity < world.entities; entity += 1) {
    for (const name of world.namesOf(entity)) {
      add(name, entity);
      add(`the ${world.kindOf(entity).name} ${name}`, entity);
    }
  }
  return entities;
}

const phraseWordings = wordingsOf('phrases');
const questionWordings = wordingsOf('questions');

function wordingsOf(sort: 'phrases' | 'questions'): Wording[] {
  return kinds
    .flatMap(({ relations }) => relations)
    .flatMap((relation) => [
      ...relation[sort].map((text) => wording(text, { relation, back: false })),
      ...(relation.inverse?.[sort] ?? []).map((text) => wording(text, { relation, back: true })),
    ]);
}

function wording(text: string, step: Step): Wording {
  const [before = '', after = ''] = text.split(/\{[so]\}/);
  return { step, before, after };
}
