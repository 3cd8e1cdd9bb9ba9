import type { Counts, Value } from './measures.ts';
import {
  byDepth,
  byHops,
  failures,
  phases,
  ratio,
  roles,
  trained,
  updates,
  validation,
  whereSearched,
} from './measures.ts';

export interface CurveText {
  readonly title: string;
  /** Of the vertical axis. */
  readonly unit: string;
  /** One line: what a healthy run shows. */
  readonly hint: string;
}

/** Lines by label. */
export interface LineCurve extends CurveText {
  readonly lines: Readonly<Record<string, Value>>;
  /** The axis shows at least this range; from 0 where absent. */
  readonly range?: readonly [number, number];
  /** Steps without a value are bridged and the others marked: measured now and then only. */
  readonly isSparse?: true;
}

/** Counts on top of each other. */
export interface StackCurve extends CurveText {
  readonly counts: Counts;
}

export interface CurveSection {
  readonly title: string;
  readonly curves: readonly (LineCurve | StackCurve)[];
}

const share = [0, 1] as const;

/** All that is drawn, in order. Without any value in any run a curve is left out. */
export const curveSections: readonly CurveSection[] = [
  {
    title: 'Does it learn?',
    curves: [
      {
        title: "Solver's reward in the game",
        unit: 'mean reward',
        hint: 'First up, then a little down as the questions get harder.',
        range: share,
        lines: { reward: ({ metrics }) => metrics.solver.reward },
      },
      {
        title: 'Validation score on held-out questions',
        unit: 'exact match, share',
        hint: 'Rises, for many hops too; a fall while the reward rises means collapse.',
        range: share,
        isSparse: true,
        lines: {
          all: validation(({ exactMatch }) => exactMatch),
          '1 hop': byHops('1'),
          '2 hops': byHops('2'),
          '3 hops': byHops('3'),
          '4 hops': byHops('4'),
        },
      },
      {
        title: 'Validation score by token overlap and judge',
        unit: 'share',
        hint: 'They rise with exact match; right in other words where they rise alone.',
        range: share,
        isSparse: true,
        lines: {
          F1: validation(({ f1 }) => f1),
          judge: validation(({ judge }) => judge),
        },
      },
      {
        title: 'Searches in validation',
        unit: 'searches an attempt',
        hint: 'About as many as the questions have hops.',
        isSparse: true,
        lines: { searches: validation(({ searches }) => searches) },
      },
    ],
  },
  {
    title: "The proposer's questions",
    curves: [
      {
        title: 'Valid questions',
        unit: 'share of proposals',
        hint: 'From near 0 to about a half in the paper; a fall to 0 is collapse.',
        range: share,
        lines: { valid: ({ metrics }) => metrics.proposer?.validRate },
      },
      {
        title: "Proposer's reward",
        unit: 'mean reward',
        hint: 'Follows valid questions times difficulty.',
        range: share,
        lines: { reward: ({ metrics }) => metrics.proposer?.reward },
      },
      {
        title: 'Difficulty of fresh questions',
        unit: '1 - mean success',
        hint: 'Rises while the solver keeps up; near 1 the questions cannot be answered.',
        range: share,
        lines: { difficulty: ({ metrics }) => metrics.proposer?.difficulty },
      },
      {
        title: 'Searches of proposals',
        unit: 'share of proposals',
        hint: 'Deeper proposals become more where they pay more.',
        range: share,
        lines: byDepth(({ proposals }, all) => ratio(proposals, all)),
      },
      {
        title: "Proposer's reward by searches",
        unit: 'mean reward',
        hint: 'Rises with the searches while the solver cannot follow; invalid proposals count.',
        range: share,
        lines: byDepth(({ reward }) => reward),
      },
      {
        title: 'Valid questions by searches',
        unit: 'share of proposals',
        hint: 'Low for many searches where the proposer cannot put together what it found.',
        range: share,
        lines: byDepth(({ valid, proposals }) => ratio(valid, proposals)),
      },
      {
        title: 'Success of the solver by searches behind the question',
        unit: 'share of attempts',
        hint: 'Lower for more searches; rises as the solver learns.',
        range: share,
        lines: byDepth(({ success }) => success),
      },
      {
        title: 'True questions by searches',
        unit: 'share of valid questions',
        hint: "By the fictional world's facts.",
        range: share,
        lines: byDepth((facts) =>
          facts.true === undefined ? null : ratio(facts.true, facts.valid),
        ),
      },
      {
        title: 'Rejected questions by reason',
        unit: 'questions',
        hint: 'Shrinks; what stays is mostly wrong-answer of the verification.',
        counts: trained(({ proposer }) => proposer?.rejected),
      },
      {
        title: 'Topics of the answers',
        unit: 'proposals',
        hint: 'An even mix that stays as it is: the seeds decide it.',
        counts: trained(({ proposer }) => proposer?.topics),
      },
      {
        title: 'True questions',
        unit: 'share of valid questions',
        hint: "High by the fictional world's facts; a fall means questions that only seem right.",
        range: share,
        lines: {
          true: ({ metrics: { truth } }) =>
            truth && ratio(truth.true, truth.true + truth.false + truth.unreadable),
        },
      },
      {
        title: 'Truth of valid questions',
        unit: 'questions',
        hint: "Mostly true by the fictional world's facts, which no reward ever sees.",
        counts: trained(({ truth }) => truth),
      },
      {
        title: 'Hops asked for',
        unit: 'mean hops',
        hint: 'Level: drawn with the seeds.',
        lines: { hops: ({ metrics }) => metrics.proposer?.hops },
      },
      {
        title: 'Length of questions',
        unit: 'words',
        hint: 'Level or slowly up; a jump means a trick.',
        lines: { words: ({ metrics }) => metrics.proposer?.questionWords },
      },
    ],
  },
  {
    title: 'How the roles play',
    curves: [
      {
        title: 'Searches',
        unit: 'searches an episode',
        hint: 'Up for both; near 0 the model answers without looking.',
        lines: roles(({ searches }) => searches),
      },
      {
        title: 'Turns',
        unit: 'turns an episode',
        hint: 'One or two more than the searches.',
        lines: roles(({ turns }) => turns),
      },
      {
        title: 'Length of responses',
        unit: 'tokens, results included',
        hint: 'Up with the searches; a jump to the limit is collapse.',
        lines: {
          ...roles(({ responseTokens }) => responseTokens),
          verifier: ({ metrics }) => metrics.verifier?.responseTokens,
        },
      },
      {
        title: 'Sampled text',
        unit: 'sampled tokens an episode',
        hint: 'Level or slowly up.',
        lines: {
          ...roles(({ sampledTokens }) => sampledTokens),
          verifier: ({ metrics }) => metrics.verifier?.sampledTokens,
        },
      },
      {
        title: "How the solver's attempts ended",
        unit: 'attempts',
        hint: 'Nearly all answered.',
        counts: trained(({ solver }) => solver.outcomes),
      },
      {
        title: "How the proposer's episodes ended",
        unit: 'episodes',
        hint: 'Nearly all answered, with a question.',
        counts: trained(({ proposer }) => proposer?.outcomes),
      },
      {
        title: 'Failures of services',
        unit: 'episodes without a reward',
        hint: 'None; a failure is no reward of 0, it is left out.',
        counts: failures,
      },
    ],
  },
  {
    title: 'The update',
    curves: [
      {
        title: 'Entropy',
        unit: 'nats a token',
        hint: 'Slowly down; near 0 nothing new is tried.',
        lines: updates(({ entropy }) => entropy),
      },
      {
        title: 'KL to the reference policy',
        unit: 'nats a token, k3',
        hint: 'Slowly up from 0; a jump goes before a collapse.',
        lines: updates(({ referenceKl }) => referenceKl),
      },
      {
        title: 'Gradient norm',
        unit: 'norm before clipping',
        hint: 'Of one size; single spikes are clipped.',
        lines: updates(({ gradientNorm }) => gradientNorm),
      },
      {
        title: 'Clipped tokens, ratio too low',
        unit: 'share of tokens',
        hint: 'A few per cent at most.',
        lines: updates(({ clipFractionLow }) => clipFractionLow),
      },
      {
        title: 'Clipped tokens, ratio too high',
        unit: 'share of tokens',
        hint: 'A few per cent at most.',
        lines: updates(({ clipFractionHigh }) => clipFractionHigh),
      },
      {
        title: 'Gap between sampler and trainer, mean',
        unit: 'nats a token',
        hint: 'Near 0 and level: both see the same weights.',
        lines: updates(({ samplerGapMean }) => samplerGapMean),
      },
      {
        title: 'Gap between sampler and trainer, largest',
        unit: 'nats',
        hint: 'Of one size.',
        lines: updates(({ samplerGapMax }) => samplerGapMax),
      },
      {
        title: 'Loss',
        unit: 'loss',
        hint: 'Around 0; its value says little in policy gradients.',
        lines: updates(({ loss }) => loss),
      },
      {
        title: 'Learning rate',
        unit: 'learning rate',
        hint: 'Up in the warm-up, then level; a rollback lowers it.',
        lines: updates(({ learningRate }) => learningRate),
      },
    ],
  },
  {
    title: 'The batch',
    curves: [
      {
        title: "Places of the solver's batch",
        unit: 'questions',
        hint: 'Mostly fresh after the first steps; all given where questions are.',
        counts: trained(({ batch: { given = 0, ...batch } }) => ({ ...batch, given })),
      },
      {
        title: 'Groups with unlike rewards',
        unit: 'share of groups',
        hint: 'Well above 0: under GRPO only they train.',
        range: share,
        lines: { mixed: ({ metrics: { solver } }) => ratio(solver.mixedGroups, solver.groups) },
      },
      {
        title: 'Replay pool',
        unit: 'questions',
        hint: 'Grows, and falls to 0 at each reset.',
        lines: {
          questions: ({ step, metrics: { proposer, poolQuestions } }) =>
            step === 0 || proposer === null ? null : poolQuestions,
        },
      },
    ],
  },
  {
    title: 'Time and services',
    curves: [
      {
        title: 'Time of a step by phase',
        unit: 'seconds',
        hint: 'Level; sampling takes most of it.',
        counts: phases,
      },
      {
        title: 'Tokens per second',
        unit: 'tokens/s',
        hint: 'Level.',
        lines: {
          sampled: ({ timings }) => timings?.sampledTokensPerSecond,
          trained: ({ timings }) => timings?.trainedTokensPerSecond,
        },
      },
      {
        title: 'Time of a search',
        unit: 'ms',
        hint: 'Level.',
        lines: {
          mean: whereSearched(({ meanMs }) => meanMs),
          largest: whereSearched(({ maxMs }) => maxMs),
        },
      },
      {
        title: 'Queries answered without a search of their own',
        unit: 'share of queries',
        hint: 'High where attempts at one question ask alike.',
        range: share,
        lines: {
          cached: whereSearched(({ cacheHits, queries }) => ratio(cacheHits, queries)),
          joined: whereSearched(({ joined, queries }) => ratio(joined, queries)),
        },
      },
    ],
  },
];
