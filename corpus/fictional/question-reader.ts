import { kinds } from './kinds.ts';
import type { PathSearch, Step } from './path-search.ts';
import { createPathSearch } from './path-search.ts';
import type { World } from './world.ts';

/** What a question asks for, by the facts of its world. */
export interface QuestionReader {
  /**
   * Every way to write each answer that the facts give; none for a question that is in none of the
   * world's wordings, names what does not exist or asks for what nobody knows.
   */
  answersTo(question: string): string[];
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
  const read = (text: string): number[] => {
    const named = entitiesNamed.get(text);
    if (named !== undefined) return [...named];
    const reached = matches(text, phraseWordings, read).flatMap(({ from, step }) =>
      leadsToEntity(step) ? search.follow(from, step) : [],
    );
    return [...new Set(reached)];
  };
  return {
    answersTo: (question) => {
      const texts = matches(question, questionWordings, read).flatMap(({ from, step }) =>
        answerTexts(world, search, from, step),
      );
      return [...new Set(texts)];
    },
  };
}

function matches(
  text: string,
  wordings: readonly Wording[],
  read: (inner: string) => number[],
): { from: number[]; step: Step }[] {
  return wordings.flatMap(({ step, before, after }) => {
    const fits =
      text.startsWith(before) && text.endsWith(after) && text.length > before.length + after.length;
    if (!fits) return [];
    const from = read(text.slice(before.length, text.length - after.length));
    return from.length === 0 ? [] : [{ from, step }];
  });
}

function answerTexts(world: World, search: PathSearch, from: number[], step: Step): string[] {
  const { relation, back } = step;
  return search
    .follow(from, step)
    .flatMap((reached) =>
      back ? world.namesOf(reached) : world.textsOf(relation.object, reached),
    );
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
