import type { Fact } from '../../../corpus/fictional/facts.ts';
import { kinds } from '../../../corpus/fictional/kinds.ts';
import type { Question } from '../../../corpus/fictional/questions.ts';
import { questionText } from '../../../corpus/fictional/questions.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { Random } from '../../types/random.ts';
import { readFact, restated, unknown } from './solver-oracle.ts';
import type { TrainingWorld } from './training-world.ts';
import { drawQuestion } from './training-world.ts';
import type { Oracle, Piece, Source } from './turn.ts';
import { copy, own, say } from './turn.ts';

const unanswerableShare = 0.45;
/** Of the unanswerable: asks for what nobody has; the others lack a page. */
const strangeShare = 0.4;

/** A question and material to answer it from, or not. */
interface VerifierExam {
  readonly question: string;
  readonly chain: Question['chain'];
  readonly material: readonly RetrievedPassage[];
  /** Whether the material has the answer. */
  readonly known: boolean;
  /** The true one, or "unknown". */
  readonly answer: string;
}

/** Draws one; less than half of them have no answer. */
export async function verifierExam(world: TrainingWorld, random: Random): Promise<VerifierExam> {
  const known = drawQuestion(world, random);
  const isMissing = random.chance(unanswerableShare);
  const strange =
    isMissing && random.chance(strangeShare) ? strangeQuestion(known, world, random) : undefined;
  const asked = strange ?? known;
  const gap = isMissing && strange === undefined ? random.pick(known.gold_pages) : undefined;
  const material = await materialFor(known, gap, world, random);
  const isKnown = strange === undefined && gap === undefined;
  const answer = isKnown ? known.golden_answers[0] : unknown;
  return { question: asked.question, chain: asked.chain, material, known: isKnown, answer };
}

/** What a proposer may have read for the question, with noise; without the page `gap`. */
async function materialFor(
  { chain, gold_pages: gold }: Question,
  gap: string | undefined,
  world: TrainingWorld,
  random: Random,
): Promise<RetrievedPassage[]> {
  const signal = new AbortController().signal;
  const searches = chain.filter(() => random.chance(0.6)).map(({ object }) => object);
  const noise = random.sample(world.titles, random.below(5));
  const found = await Promise.all(searches.map((query) => world.searcher.search(query, signal)));
  const pages = [...gold, ...noise].flatMap((title) => world.passageOf.get(title) ?? []);
  const byId = new Map([...pages, ...found.flat()].map((passage) => [passage.id, passage]));
  return random.shuffled([...byId.values()].filter(({ title }) => title !== gap));
}

/** The question with another relation at one hop, which the subject there does not have. */
function strangeQuestion(
  { chain, gold_pages: gold }: Question,
  { world, factsOf, passageOf }: TrainingWorld,
  random: Random,
): Question | undefined {
  const at = random.below(chain.length);
  const told = new Set((factsOf.get(gold[at] ?? '') ?? []).map((fact) => fact.relation));
  const kind = world.kindOf(Number(passageOf.get(gold[at] ?? '')?.id.split('-')[0]) - 1);
  const own = kind.relations.filter(({ name }) => !told.has(name));
  const relation = random.pick(own.length > 0 && random.chance(0.5) ? own : allRelations);
  if (told.has(relation.name)) return undefined;
  const changed = chain.map((fact, hop): Pick<Fact, 'subject' | 'relation' | 'object'> =>
    hop === at ? { ...fact, relation: relation.name } : fact,
  );
  const [first, ...others] = changed.map((fact) => ({
    relation: allRelations.find(({ name }) => name === fact.relation) ?? relation,
    back: false,
  }));
  const start = Number(passageOf.get(gold[0] ?? '')?.id.split('-')[0]) - 1;
  if (first === undefined) return undefined;
  const question = questionText(world, { nodes: [start], steps: [first, ...others] }, random);
  return { ...emptyQuestion, question, chain: changed, gold_pages: gold, hops: changed.length };
}

const emptyQuestion = { id: '', golden_answers: ['unknown'] as const };
const allRelations = kinds.flatMap(({ relations }) => relations);

/**
 * The verifier: restates the chain as far as the material gives it, then answers with its end, or
 * that it is unknown.
 */
export function* verify(
  { question, chain }: Pick<Question, 'question' | 'chain'>,
  material: readonly RetrievedPassage[],
  world: TrainingWorld,
): Oracle {
  let subject = chain[0]?.subject ?? '';
  let from: Source = ` ${question}`;
  const pieces: Piece[] = [say('<think>')];
  for (const [hop, { relation }] of chain.entries()) {
    const read = readFact(subject, relation, material, world);
    const [, ...rest] = restated(subject, relation, read);
    pieces.push(...(hop === 0 ? [] : [say(';')]), copy(subject, from), ...rest);
    subject = read.value;
    from = own;
    if (read.from === undefined) break;
  }
  yield [...pieces, say('</think>'), say('<answer>'), copy(subject, own), say('</answer>')];
}
