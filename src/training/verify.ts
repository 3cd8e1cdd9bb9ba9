import { needsJudge } from '../game/grading.ts';
import { renderVerifierPrompt } from '../game/prompt.ts';
import { readAnswer, verdictOf, verificationMaterial } from '../game/verification.ts';
import type { Judge } from '../judge/judge.ts';
import type { Outcome } from '../types/episode.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { StepContext } from './rollouts.ts';
import { phase } from './rollouts.ts';

type Verification = NonNullable<QuestionRecord['verification']>;
type Material = Pick<Verification, 'passages' | 'noisePassages'>;
type Asked = QuestionRecord & { readonly question: string };

/** What the reader made of the material. */
interface Reading {
  readonly outcome: Outcome;
  readonly kept: Pick<Verification, 'episode' | 'text'>;
}

/**
 * Reads the material of every question that passed the filter and keeps as valid what is answered
 * from it. Noise comes from the proposals of `others` too. Without verification in the game all
 * stay as they are.
 */
export async function verify(
  records: readonly QuestionRecord[],
  others: readonly QuestionRecord[],
  context: StepContext,
): Promise<QuestionRecord[]> {
  const { verification } = context.rollouts.parts.game;
  if (verification === undefined) return [...records];
  const asked = records.filter(isAsked);
  const proposals = [...others, ...records].flatMap((record) => record.proposal?.episode ?? []);
  const materials = asked.map((record): Material => {
    const own = record.proposal?.episode;
    if (own === undefined) return { passages: [], noisePassages: 0 };
    const foreign = proposals.filter((episode) => episode !== own);
    const random = context.random('material', record.index);
    return verificationMaterial(own, foreign, verification, random);
  });
  const readings = await read(asked, materials, context);
  const verified = await Promise.all(
    asked.map(async (record, i) => {
      const [material, reading] = [materials[i], readings[i]];
      if (material === undefined || reading === undefined) return record;
      return withVerdict(record, material, reading, context);
    }),
  );
  const byIndex = new Map(verified.map((record) => [record.index, record]));
  return records.map((record) => byIndex.get(record.index) ?? record);
}

function isAsked(record: QuestionRecord): record is Asked {
  return record.proposal?.verdict.kind === 'valid' && record.question !== undefined;
}

async function read(
  asked: readonly Asked[],
  materials: readonly Material[],
  context: StepContext,
): Promise<Reading[]> {
  const { rollouts, random } = context;
  const { game, judge } = rollouts.parts;
  const starts = asked.map(({ question, index }, i) => ({
    chat: renderVerifierPrompt(game.format, question, materials[i]?.passages ?? []),
    seed: random('verify', index).next(),
  }));
  if (game.verification?.reader === 'judge') {
    const { responseTokens: maxTokens } = game.limits.verifier;
    const reading = { maxTokens, temperature: context.training.verifierTemperature };
    const texts = starts.map(async ({ chat }) => judge?.readAsJudge(chat, reading, context.signal));
    return (await Promise.all(texts)).map((text) => judgeReading(text, context));
  }
  const episodes = await rollouts.play('verifier', starts, phase(context, 'verify'));
  return episodes.map((episode) => ({ outcome: episode.outcome, kept: { episode } }));
}

function judgeReading(text: string | undefined, { rollouts }: StepContext): Reading {
  if (text === undefined) return { outcome: { kind: 'failed', failure: 'judge' }, kept: {} };
  return { outcome: readAnswer(text, rollouts.parts.game.format.tags), kept: { text } };
}

async function withVerdict(
  record: Asked,
  material: Material,
  { outcome, kept }: Reading,
  { rollouts, signal }: StepContext,
): Promise<QuestionRecord> {
  const { game, judge } = rollouts.parts;
  const { question, answers, proposal } = record;
  const { reader = 'policy', containment = 'off' } = game.verification ?? {};
  const unjudged = verdictOf(outcome, answers, containment);
  const judged =
    unjudged.kind === 'accepted'
      ? undefined
      : await judgement(judge, { question, answers, outcome }, signal);
  const verdict = verdictOf(outcome, answers, containment, judged);
  const acceptedBy = verdict.kind === 'accepted' && verdict.by && { acceptedBy: verdict.by };
  return {
    ...record,
    verification: { reader, ...material, ...acceptedBy, ...kept },
    ...(proposal && {
      proposal: {
        ...proposal,
        verdict:
          verdict.kind === 'accepted'
            ? proposal.verdict
            : verdict.kind === 'rejected'
              ? { ...verdict, by: 'verification' }
              : verdict,
      },
    }),
  };
}

/** What the judge says of an outcome's answer; undefined where none is configured or needed. */
export async function judgement(
  judge: Judge | undefined,
  {
    question,
    answers,
    outcome,
  }: {
    readonly question: string;
    readonly answers: readonly string[];
    readonly outcome: Outcome;
  },
  signal: AbortSignal,
): Promise<Awaited<ReturnType<Judge['judgeAnswer']>> | undefined> {
  if (judge === undefined || outcome.kind !== 'answered') return undefined;
  if (!needsJudge(outcome.text, answers)) return undefined;
  return judge.judgeAnswer({ question, answer: outcome.text, goldAnswers: answers }, signal);
}
