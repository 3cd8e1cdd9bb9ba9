import { mkdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import { episodesFile, runFolder } from '../../../src/run/run-folder.ts';
import type { EpisodeRecord } from '../../../src/types/episode.ts';
import type { QuestionRecord } from '../../../src/types/question-record.ts';
import { questionRecordSchema } from '../../../src/types/question-record.ts';
import { runManifestSchema } from '../../../src/types/run.ts';
import type { EpisodeFacts, StepMetrics, UpdateFacts } from '../../../src/types/step-metrics.ts';
import { stepMetricsSchema, stepTimingsSchema } from '../../../src/types/step-metrics.ts';

/** What a made-up run is like; all of it is written through the schemas. */
export interface MadeUpRun {
  /** Steps after step 0. */
  readonly steps: number;
  readonly questionsPerStep: number;
  /** Added to what it measures, as another seed would. */
  readonly shift?: number;
  /** Put into every text of episodes, questions and passages. */
  readonly hostileText?: string;
  /** Changes a step's line before it is written. */
  readonly change?: (metrics: StepMetrics) => StepMetrics;
}

/** Writes the folder of a run that trained for some steps, with a validation every fifth. */
export async function writeMadeUpRun(path: string, run: MadeUpRun): Promise<void> {
  const folder = runFolder(path);
  await mkdir(folder.episodes, { recursive: true });
  await writeFile(folder.manifest, JSON.stringify(madeUpManifest));
  await writeFile(folder.config, `training:\n  steps: ${run.steps}\ngame:\n  attempts: 3\n`);
  const steps = Array.from({ length: run.steps + 1 }, (_, step) => step);
  const metrics = steps.map((step) => {
    const line = stepMetrics(step, run);
    return stepMetricsSchema.parse(run.change?.(line) ?? line);
  });
  await writeFile(folder.metrics, lines(metrics));
  const timings = steps.slice(1).map((step) => stepTimingsSchema.parse(stepTimings(step)));
  await writeFile(folder.timings, lines(timings));
  for (const step of run.questionsPerStep === 0 ? [] : steps.slice(1)) {
    const records = Array.from({ length: run.questionsPerStep }, (_, index) =>
      questionRecordSchema.parse(question(step, index, run)),
    );
    await writeFile(episodesFile(folder, step), gzipSync(lines(records)));
  }
}

export const madeUpManifest = runManifestSchema.parse({
  formatVersion: 1,
  toolVersion: '0.1.0',
  commit: '0123456789abcdef',
  machine: 'a machine of 2 cores',
  startedAt: '2026-01-02T03:04:05.000Z',
  model: { model: 'tiny', architecture: 'Qwen3ForCausalLM', parameters: 912_000, lora: null },
  index: { manifestHash: 'f00d'.repeat(8), corpusHash: 'cafe'.repeat(8), passages: 84_123 },
  seeds: { path: 'seeds.jsonl', count: 1000, hash: 'beef'.repeat(8) },
});

/** A question: every fourth is rejected by the filter, every seventh by the verification. */
export function question(
  step: number,
  index: number,
  { hostileText = '', questionsPerStep }: Pick<MadeUpRun, 'hostileText' | 'questionsPerStep'>,
): QuestionRecord {
  const answers = ['Ada Quill'];
  const text = `Who built the mill ${step}-${index} that stands at the river of the old capital? ${hostileText}`;
  const isReused = index === questionsPerStep - 1 && index > 0;
  const reason =
    index % 4 === 1 ? 'too-few-searches' : index % 7 === 2 ? 'wrong-answer' : undefined;
  const proposal = episode(
    'proposer',
    text,
    ['mill at the river', 'river of the capital'],
    hostileText,
  );
  const passages = [...found('mill at the river', hostileText), ...found('noise', hostileText)];
  const common = { step, index, question: text, answers };
  const attempts = [1, index % 2, 0].map((reward, i) => ({
    episode: episode(
      'solver',
      reward === 1 ? 'Ada Quill' : 'Bo Lark',
      ['mill', `mill ${i}`],
      hostileText,
    ),
    reward: { kind: 'reward' as const, reward },
    advantage: reward - (1 + (index % 2)) / 3,
  }));
  if (isReused) return { ...common, place: 'reused', attempts };
  const seed = { answers, hops: 1 + (index % 3), topic: 'person' as const };
  if (reason === 'too-few-searches') {
    const verdict = { kind: 'rejected', by: 'filter', reason } as const;
    const reward = { kind: 'reward', reward: 0 } as const;
    const rejected = { episode: proposal, verdict, reward, advantage: -0.4 };
    return { ...common, seed, proposal: rejected, place: 'none', attempts: [] };
  }
  const verification = {
    reader: 'policy' as const,
    passages,
    noisePassages: 2,
    episode: episode('verifier', reason === undefined ? 'Ada Quill' : 'Bo Lark', [], hostileText),
  };
  if (reason === 'wrong-answer') {
    const verdict = { kind: 'rejected', by: 'verification', reason } as const;
    const rejected = { episode: proposal, verdict };
    return { ...common, seed, proposal: rejected, verification, place: 'none', attempts: [] };
  }
  const reward = { kind: 'reward', reward: 1 - (1 + (index % 2)) / 3 } as const;
  return {
    ...common,
    seed,
    proposal: { episode: proposal, verdict: { kind: 'valid' }, reward, advantage: 0.3 },
    verification,
    place: 'fresh',
    attempts,
    truth: 'true',
  };
}

function episode(
  role: EpisodeRecord['role'],
  answer: string,
  queries: readonly string[],
  hostileText: string,
): EpisodeRecord {
  const tag = role === 'proposer' ? 'question' : 'answer';
  const searches = queries.flatMap((query): EpisodeRecord['steps'] => [
    {
      kind: 'sampled',
      tokens: [1, 2, 3, 4],
      logProbs: [-0.1, -0.2, -0.3, -0.4],
      text: `<think>What is known of it? ${hostileText}</think>\n<search>${query}</search>`,
      action: { kind: 'search', query },
    },
    { kind: 'result', query, passages: found(query, hostileText), tokens: [5, 6, 7] },
  ]);
  const action = role === 'proposer' ? 'question' : 'answer';
  return {
    role,
    prompt: [1, 2, 3],
    steps: [
      ...searches,
      {
        kind: 'sampled',
        tokens: [8, 9],
        logProbs: [-0.5, -0.6],
        text: `<think>That settles it.</think>\n<${tag}>${answer}</${tag}>`,
        action: { kind: action, text: answer },
      },
    ],
    outcome: { kind: 'answered', text: answer },
  };
}

function found(query: string, hostileText: string): { id: string; title: string; text: string }[] {
  return [0, 1].map((i) => ({
    id: `${query}-${i}`,
    title: `About ${query}, part ${i} ${hostileText}`,
    text: `The ${query} was made by Ada Quill in 1${i}04, it is said, and stands to this day. ${hostileText}`,
  }));
}

/** Curves as a run that learns might have them. */
export function stepMetrics(
  step: number,
  { steps, questionsPerStep, shift = 0 }: MadeUpRun,
): StepMetrics {
  const done = step / Math.max(steps, 1);
  const wave = 0.03 * Math.sin(step * 1.7) + shift;
  const isPlayed = step > 0;
  const valid = isPlayed ? Math.round(questionsPerStep * 0.5 * done) : 0;
  const reused = isPlayed && questionsPerStep > 1 ? 1 : 0;
  const episodes = isPlayed ? questionsPerStep - reused : 0;
  const mean = (value: number): number | null => (isPlayed ? value + wave : null);
  const wrong = Math.round((episodes - valid) / 3);
  return {
    step,
    proposer: {
      ...roleFacts(isPlayed, episodes, 2 + done),
      valid,
      validRate: isPlayed ? Math.min(1, 0.05 + done / 2 + Math.abs(wave)) : null,
      rejected: isPlayed
        ? { 'wrong-answer': wrong, 'too-few-searches': episodes - valid - wrong }
        : {},
      reward: mean(0.2 + 0.2 * done),
      difficulty: step === 3 ? null : mean(0.3 + 0.3 * done),
      hops: mean(2),
      questionWords: mean(14 + done),
      topics: isPlayed ? { person: 1, date: 2, place: 1, other: 3 } : {},
      byDepth: isPlayed ? depths(done) : {},
    },
    verifier: isPlayed ? roleFacts(true, valid + wrong, 0) : null,
    batch: { fresh: valid, reused, dummy: isPlayed ? episodes - valid : 0 },
    poolQuestions: isPlayed ? (step % 10) * 3 : 0,
    solver: {
      ...roleFacts(isPlayed, 3 * (valid + reused), 1 + done),
      reward: mean(0.4 + 0.5 * Math.sin(2.2 * done)),
      groups: valid + reused,
      mixedGroups: Math.round((valid + reused) / 2),
    },
    updates: isPlayed
      ? { proposer: updateFacts(done + wave), solver: updateFacts(done / 2 + wave) }
      : {},
    truth: isPlayed ? { true: valid, false: 1, unreadable: 0 } : null,
    validation:
      step % 5 === 0
        ? {
            questions: 300,
            exactMatch: 0.5 + 0.4 * done + shift,
            f1: 0.55 + 0.4 * done + shift,
            exactMatchByHops: { 1: 0.95, 2: 0.05 + 0.8 * done, 3: 0.5 + 0.4 * done },
            searches: 1.5 + done,
            failed: 0,
          }
        : null,
    watch:
      step === 7
        ? [{ measure: 'entropy', value: 0.004, limit: 0.005, action: 'warn' as const }]
        : [],
  };
}

/** Deeper proposals pay more, and become more. */
function depths(done: number) {
  const of = (searches: number) => ({
    ...{ proposals: 3 + Math.round(searches * done), valid: 2, true: 1 },
    ...{ success: 0.9 - searches / 5, reward: searches / 5 },
  });
  return { '0': of(0), '1': of(1), '2': of(2), '3': of(3), '4': of(4) };
}

function roleFacts(isPlayed: boolean, episodes: number, searches: number): EpisodeFacts {
  const mean = (value: number): number | null => (isPlayed ? value : null);
  return {
    episodes,
    outcomes: isPlayed ? { answered: episodes } : {},
    failures: {},
    turns: mean(searches + 1),
    searches: mean(searches),
    responseTokens: mean(120 * (searches + 1)),
    sampledTokens: mean(30 * (searches + 1)),
  };
}

function updateFacts(done: number): UpdateFacts {
  return {
    sequences: 64,
    trainedTokens: 2000,
    optimizerSteps: 2,
    loss: 0.01 * done,
    entropy: 0.6 - 0.3 * done,
    referenceKl: 0.02 * done,
    oldKl: 0.001,
    clipFractionLow: 0.01,
    clipFractionHigh: 0.02 * done,
    gradientNorm: 0.8 + done / 4,
    learningRate: 2e-5,
    samplerGapMean: 1e-5,
    samplerGapMax: 4e-4,
  };
}

function stepTimings(step: number): unknown {
  const phases = { propose: 1.1, verify: 0.4, solve: 1.3, score: 0.3, update: 0.9 };
  return {
    step,
    seconds: { ...phases, validate: step % 5 === 0 ? 2 : 0, checkpoint: 0.1, total: 4.4 },
    sampledTokensPerSecond: 3000 + 10 * step,
    trainedTokensPerSecond: 9000,
    search: {
      ...{ queries: 400, cacheHits: 150, joined: 30, requests: 40, failedRequests: 0 },
      ...{ meanMs: 12, maxMs: 41 },
    },
  };
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
