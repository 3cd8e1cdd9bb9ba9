import { createRandom } from '../../src/random/random.ts';
import type { Random } from '../../src/types/random.ts';
import type { Fact } from './facts.ts';
import { factOf } from './facts.ts';
import type { KindName, Relation } from './kind.ts';
import { kinds } from './kinds.ts';
import type { PathSearch, Step } from './path-search.ts';
import { createPathSearch } from './path-search.ts';
import type { World } from './world.ts';

/** One question, as it stands on a line of `questions.jsonl`. */
export interface Question {
  readonly id: string;
  readonly question: string;
  /** The answer as its page writes it, then other ways to write it. */
  readonly golden_answers: readonly [string, ...string[]];
  /** Facts that must be joined. */
  readonly hops: number;
  /** Titles of the pages that state them, in the order of the chain; one a hop. */
  readonly gold_pages: readonly string[];
  readonly chain: readonly Pick<Fact, 'subject' | 'relation' | 'object'>[];
}

export interface QuestionOptions {
  /** Whether a hop may lead back from an object to its subject. Default true. */
  readonly inverse?: boolean;
  /** Waited for every few thousand questions; may throw to stop. */
  readonly pause?: () => Promise<void>;
}

const maxHops = 3;
/** An answer is asked for at most so often within one number of hops. */
const maxRepeats = 3;
const attemptsPerQuestion = 200;
const questionsPerPause = 2000;
/** How often a name is introduced by its kind: "the river Stasku Fimurg". */
const introducedShare = 0.5;

/**
 * Questions of 1, 2 and 3 hops in equal parts, at most `count` in all. Each has one answer given all
 * facts: from everything that has the name in the question, every hop leads to one thing only. None
 * contains its answer. A world too small for three hops has none.
 */
export async function makeQuestions(
  world: World,
  count: number,
  { inverse = true, pause = () => Promise.resolve() }: QuestionOptions = {},
): Promise<Question[]> {
  const wanted = Math.floor(count / maxHops);
  const search = createPathSearch(world);
  const byHops: Question[][] = [];
  for (let hops = 1; hops <= maxHops; hops += 1) {
    const questions: Question[] = [];
    for (const question of questionsOf(world, search, { hops, wanted, inverse })) {
      questions.push(question);
      if (questions.length % questionsPerPause === 0) await pause();
    }
    byHops.push(questions);
  }
  const size = Math.min(...byHops.map((questions) => questions.length));
  return byHops.flatMap((questions) => questions.slice(0, size));
}

function* questionsOf(
  world: World,
  search: PathSearch,
  { hops, wanted, inverse }: { hops: number; wanted: number; inverse: boolean },
): Generator<Question> {
  const random = createRandom(world.seed, 'questions', hops);
  const asked = new Set<string>();
  const repeats = new Map<string, number>();
  let made = 0;
  for (let left = wanted * attemptsPerQuestion; left > 0 && made < wanted; left -= 1) {
    const path = walk(world, search, { hops, inverse }, random);
    if (path === undefined || !hasOneAnswer(world, search, path)) continue;
    const draft = draftQuestion(world, path, random);
    const times = repeats.get(draft.golden_answers[0]) ?? 0;
    if (times >= maxRepeats || asked.has(nameOfPath(path)) || givesAway(draft)) continue;
    repeats.set(draft.golden_answers[0], times + 1);
    asked.add(nameOfPath(path));
    made += 1;
    yield { id: `${hops}hop-${made}`, ...draft };
  }
}

/** A way from an entity to another or to a value; `nodes` has one item more than `steps`. */
export interface Path {
  readonly nodes: readonly [number, ...number[]];
  readonly steps: readonly [Step, ...Step[]];
}

/** The same for two paths only if they are the same, whatever their wording. */
function nameOfPath({ nodes, steps }: Path): string {
  return [...nodes, ...steps.map(({ relation }) => relation.name)].join('/');
}

/** A random way of `hops` steps that visits nothing twice; undefined where it comes to an end. */
function walk(
  world: World,
  search: PathSearch,
  { hops, inverse }: { hops: number; inverse: boolean },
  random: Random,
): Path | undefined {
  const start = random.below(world.entities);
  const nodes: [number, ...number[]] = [start];
  const steps: Step[] = [];
  for (let hop = 1; hop <= hops; hop += 1) {
    const from = nodes.at(-1) ?? start;
    const options = stepsFrom(world, search, from)
      .filter((step) => (inverse || !step.back) && (hop === hops || !leadsToValue(step)))
      // The facts before and after a turn from back to forth would stand on one page.
      .filter(({ back }) => back || steps.at(-1)?.back !== true);
    if (options.length === 0) return undefined;
    const step = random.pick(options);
    const [to] = search.follow([from], step);
    if (to === undefined || (!leadsToValue(step) && nodes.includes(to))) return undefined;
    nodes.push(to);
    steps.push(step);
  }
  const [first, ...others] = steps;
  return first === undefined ? undefined : { nodes, steps: [first, ...others] };
}

/** The steps that lead on from an entity: forth to its objects, back to its subjects. */
function stepsFrom(world: World, search: PathSearch, entity: number): Step[] {
  const kind = world.kindOf(entity);
  const forth = kind.relations
    .filter((relation) => world.objectOf(relation, entity) !== undefined)
    .map((relation) => ({ relation, back: false }));
  const back = (relationsBackFrom.get(kind.name) ?? [])
    .filter((relation) => search.subjectsOf(relation, entity).length > 0)
    .map((relation) => ({ relation, back: true }));
  return [...forth, ...back];
}

const relationsBackFrom: ReadonlyMap<KindName, readonly Relation[]> = Map.groupBy(
  kinds.flatMap(({ relations }) => relations).filter(({ inverse }) => inverse !== undefined),
  ({ object }) => (object.type === 'entity' ? object.kind : 'person'),
);

function leadsToValue({ relation, back }: Step): boolean {
  return !back && relation.object.type !== 'entity';
}

/** Whether every step leads to one thing only from everything that has the start's name. */
function hasOneAnswer(world: World, search: PathSearch, path: Path): boolean {
  let reached = world.namesakesOf(path.nodes[0]);
  return path.steps.every((step) => {
    reached = search.follow(reached, step);
    return reached.length === 1;
  });
}

type Draft = Omit<Question, 'id'>;

function draftQuestion(world: World, path: Path, random: Random): Draft {
  const chain = path.steps.flatMap((step, hop) => {
    const subject = path.nodes[step.back ? hop + 1 : hop] ?? 0;
    const fact = factOf(world, step.relation, subject);
    return fact === undefined ? [] : [fact];
  });
  return {
    question: questionText(world, path, random),
    golden_answers: answersOf(world, path),
    hops: path.steps.length,
    gold_pages: chain.map(({ page }) => page),
    chain: chain.map(({ subject, relation, object }) => ({ subject, relation, object })),
  };
}

/** Builds the question from the inside out: the start's name, a noun phrase a hop, the question. */
export function questionText(world: World, path: Path, random: Random): string {
  const put = (wordings: readonly string[], inner: string): string =>
    random.pick(wordings).replace(/\{[so]\}/, inner);
  const inner = path.steps
    .slice(0, -1)
    .reduce(
      (text, step) => put(wordingsOf(step).phrases, text),
      mention(world, path.nodes[0], random),
    );
  return put(wordingsOf(path.steps.at(-1) ?? path.steps[0]).questions, inner);
}

function wordingsOf({ relation, back }: Step): Pick<Relation, 'phrases' | 'questions'> {
  return back ? (relation.inverse ?? relation) : relation;
}

function mention(world: World, entity: number, random: Random): string {
  const { name } = world.kindOf(entity);
  const isIntroduced = name !== 'person' && random.chance(introducedShare);
  return isIntroduced ? `the ${name} ${world.nameOf(entity)}` : world.nameOf(entity);
}

function answersOf(world: World, { nodes, steps }: Path): readonly [string, ...string[]] {
  const { relation, back } = steps.at(-1) ?? steps[0];
  const answer = nodes.at(-1) ?? nodes[0];
  return back ? world.namesOf(answer) : world.textsOf(relation.object, answer);
}

function givesAway({ question, golden_answers: answers }: Draft): boolean {
  return answers.some((answer) => question.toLowerCase().includes(answer.toLowerCase()));
}
