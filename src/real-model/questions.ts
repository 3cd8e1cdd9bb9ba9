import { searchHere } from '../app/search-service.ts';
import { runAll } from '../concurrency/limits.ts';
import type { Config } from '../config/schema.ts';
import { readQuestionSet } from '../evaluation/question-set.ts';
import { normalizeAnswer } from '../game/answer-score.ts';
import type { JobContext } from '../progress/progress.ts';
import { createRandom } from '../random/random.ts';
import { searcherOf } from '../rollout/searcher.ts';
import type { EvaluationQuestion } from '../types/evaluation.ts';

const longestAnswer = 32; // characters, as seeds have
const concurrent = 32;

/** Questions to learn from, and others to measure on. */
export interface QuestionSplit {
  readonly train: readonly EvaluationQuestion[];
  readonly heldOut: readonly EvaluationQuestion[];
}

/**
 * The questions of the files that a small model can be expected to answer: the passages that a search
 * for the question itself finds hold one of its answers, which is short and not yes or no. `heldOut` of
 * them are drawn by the seed; none of the others has an answer of theirs. Throws what reading and
 * searching throw.
 */
export async function questionsWithinReach(
  files: readonly string[],
  index: string,
  { heldOut, config }: { readonly heldOut: number; readonly config: Config },
  context: JobContext,
): Promise<QuestionSplit> {
  const sets = await Promise.all(files.map((file) => readQuestionSet(file)));
  const all = sets.flatMap(({ questions }) => questions.filter(hasShortAnswer));
  const search = await searchHere(index, config, context);
  const searcher = searcherOf(search.service, config.game.topPassages);
  const stage = context.progress.stage('search', 'questions', all.length);
  try {
    const found = await runAll(
      all,
      concurrent,
      async ({ question, goldAnswers }) => {
        const passages = await searcher.search(question, context.signal);
        stage.add(1);
        return passages.some(({ title, text }) => holds(`${title} ${text}`, goldAnswers));
      },
      context.signal,
    );
    const reachable = all.filter((_, i) => found[i]);
    return split(reachable, heldOut, config.training.seed);
  } finally {
    stage.end();
    await search.close();
  }
}

function hasShortAnswer({ goldAnswers }: EvaluationQuestion): boolean {
  const [first = ''] = goldAnswers.map(normalizeAnswer);
  return first !== '' && first !== 'yes' && first !== 'no' && first.length <= longestAnswer;
}

function holds(text: string, answers: readonly string[]): boolean {
  const words = ` ${normalizeAnswer(text)} `;
  return answers.map(normalizeAnswer).some((one) => one !== '' && words.includes(` ${one} `));
}

function split(
  questions: readonly EvaluationQuestion[],
  count: number,
  seed: number,
): QuestionSplit {
  const drawn = createRandom(seed, 'held-out').shuffled(questions);
  const heldOut = drawn.slice(0, count);
  const known = new Set(heldOut.flatMap(answersOf));
  const train = drawn.slice(count).filter((one) => !answersOf(one).some((form) => known.has(form)));
  return { train, heldOut };
}

function answersOf({ goldAnswers }: EvaluationQuestion): string[] {
  return goldAnswers.map(normalizeAnswer);
}
