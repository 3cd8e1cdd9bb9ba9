// What does verification accept where answers may contain one another, and what does it reject where a
// question needs a content word of its material? On wiki84k's questions, without any model.
import { normalizeAnswer } from '../../src/game/answer-score.ts';
import { isContainmentMatch } from '../../src/game/containment.ts';
import { sharesContentWord } from '../../src/game/content-words.ts';
import { recordFigures } from './record.ts';
import { titlesNamedIn } from './title-mentions.ts';
import type { Passage, Question } from './wiki84k.ts';
import { readDevelopmentQuestions, readPassages } from './wiki84k.ts';

/** An answer that may be given to a question, beside the gold answers that it is held against. */
interface Candidate {
  readonly question: Question;
  readonly answer: string;
  readonly gold: readonly string[];
}

const modes = ['contains', 'either'] as const;
const questions = await readDevelopmentQuestions();
const passages = await readPassages();
const titles = new Set([...passages.values()].map(({ title }) => title));

/** Another form of the right answer, held against one form alone. */
const forms = questions.flatMap((question) =>
  question.golden_answers.flatMap((answer) =>
    question.golden_answers.map((gold) => ({ question, answer, gold: [gold] })),
  ),
);
/** Names of other pages, so of other things, in the gold passages of questions that ask for a page's name. */
const namesOfPages = new Set([...titles].map(normalizeAnswer));
const others = questions
  .filter(({ golden_answers: gold }) => gold.some((one) => namesOfPages.has(normalizeAnswer(one))))
  .flatMap((question) => {
    const texts = goldPassages(question).map(({ title, text }) => `${title}. ${text}`);
    const named = new Set(texts.flatMap((text) => titlesNamedIn(text, titles)));
    return [...named].map((answer) => ({ question, answer, gold: question.golden_answers }));
  });
/** Answers of other questions that the same passage answers; many of these are the same thing. */
const neighbours = [...Map.groupBy(questions, ({ gold_ids: ids }) => ids[0]).values()].flatMap(
  (group) => group.flatMap((question) => group.map((other) => answerOf(other, question))),
);
/** Answers of questions beside it in its set, on other passages mostly. */
const strangers = [...Map.groupBy(questions, ({ dataset }) => dataset).values()].flatMap((group) =>
  group.flatMap((question, i) =>
    group.slice(i + 1, i + 21).map((other) => answerOf(other, question)),
  ),
);

const sides = {
  'another form of the answer': forms,
  'title of another page named in its passages': others,
  'answer of another question of its passage': neighbours,
  'answer of another question of its set': strangers,
};
const contained = Object.entries(sides).flatMap(([side, candidates]) =>
  modes.map((mode) => ({ side, mode, ...shares(candidates, mode) })),
);
const content = {
  'gold questions rejected as no-content-word': questions.map((question) => [question, question]),
  'questions of other passages rejected as no-content-word': questions.map((question, i) => [
    questions[(i + Math.floor(questions.length / 2)) % questions.length],
    question,
  ]),
} as Record<string, [Question, Question][]>;

await recordFigures(
  import.meta.url,
  [
    ...contained.map(({ side, mode, ofPairs }) => ({
      measure: `${side} accepted, ${mode}`,
      value: ofPairs,
    })),
    ...contained
      .filter(({ side }) => side === 'title of another page named in its passages')
      .map(({ mode, ofQuestions }) => ({
        measure: `questions with such a title accepted, ${mode}`,
        value: ofQuestions,
      })),
    ...Object.entries(content).map(([measure, pairs]) => ({
      measure,
      value: rejectedShare(pairs),
    })),
  ],
  { contained },
);

function goldPassages({ gold_ids: ids }: Question): Passage[] {
  return ids.flatMap((id) => passages.get(id) ?? []);
}

function answerOf({ golden_answers: [answer = ''] }: Question, question: Question): Candidate {
  return { question, answer, gold: question.golden_answers };
}

/**
 * Of the candidates that match no gold answer those that containment accepts: each question counts once,
 * whatever its number of candidates; and the share of questions with at least one. Some of them to read.
 */
function shares(
  candidates: readonly Candidate[],
  mode: (typeof modes)[number],
): Record<'questions' | 'pairs' | 'ofPairs' | 'ofQuestions', number> & { examples: string[] } {
  const unequal = candidates.filter(({ answer, gold }) => {
    const normalized = normalizeAnswer(answer);
    return normalized !== '' && gold.every((one) => normalizeAnswer(one) !== normalized);
  });
  const isAccepted = ({ answer, gold }: Candidate): boolean =>
    isContainmentMatch(answer, gold, mode);
  const groups = [...Map.groupBy(unequal, ({ question }) => question).values()];
  const accepted = unequal.filter(isAccepted);
  return {
    questions: groups.length,
    pairs: unequal.length,
    ofPairs: mean(groups.map((group) => group.filter(isAccepted).length / group.length)),
    ofQuestions: mean(groups.map((group) => (group.some(isAccepted) ? 1 : 0))),
    examples: accepted
      .filter((_candidate, i) => i % Math.ceil(accepted.length / 10) === 0)
      .map(({ answer, gold, question }) => `${answer} | ${gold[0] ?? ''} | ${question.question}`),
  };
}

function rejectedShare(pairs: readonly [asked: Question, found: Question][]): number {
  return mean(
    pairs.map(([{ question }, found]) =>
      sharesContentWord(question, goldPassages(found)) ? 0 : 1,
    ),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
