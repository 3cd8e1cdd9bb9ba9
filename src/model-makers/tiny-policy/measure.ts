import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkQuestion } from '../../../corpus/fictional/question-check.ts';
import { createQuestionReader } from '../../../corpus/fictional/question-reader.ts';
import type { Question } from '../../../corpus/fictional/questions.ts';
import type { ChatFormat } from '../../chat/chat-format.ts';
import { openChatFormat } from '../../chat/chat-format.ts';
import { PolicyClient } from '../../clients/policy/policy-client.ts';
import { messageOf } from '../../errors/error.ts';
import { isExactMatch } from '../../game/answer-score.ts';
import type { EpisodeLimits } from '../../game/episode.ts';
import { renderPrompt, renderVerifierPrompt } from '../../game/prompt.ts';
import { filterQuestion } from '../../game/rule-filter.ts';
import { verificationMaterial } from '../../game/verification.ts';
import { tinyPolicyFolder } from '../../models/shipped.ts';
import { silentProgress } from '../../progress/progress.ts';
import { createRandom } from '../../random/random.ts';
import { gameFormats } from '../../rollout/game-formats.ts';
import { playEpisodes } from '../../rollout/play-episode.ts';
import { policySampler } from '../../rollout/sampler.ts';
import type { ChatMessage } from '../../types/chat-message.ts';
import type { EpisodeRecord, Role } from '../../types/episode.ts';
import type { TrainingWorld } from './training-world.ts';
import { makeTrainingWorld } from './training-world.ts';
import { verifierExam } from './verifier-exam.ts';

const format = gameFormats.tiny;
/** Near those of the quickstart, but a proposal of one search counts too. */
const limits: EpisodeLimits = {
  ...{ turns: 6, searches: 5, queryCharacters: 200 },
  ...{ promptTokens: 1400, responseTokens: 1000 },
};
const filter = {
  ...{ minCharacters: 10, maxCharacters: 300, minWords: 4 },
  ...{ minSearches: 1, rejectsAnswerInQuery: false, needsContentWord: false },
};
const noise = { noise: 4, noiseUnit: 'passage' } as const;
const maxConcurrent = 64;

/** Who is measured, and where. */
export interface Exam {
  readonly client: PolicyClient;
  readonly chat: ChatFormat;
  /** One that it was not trained on. */
  readonly world: TrainingWorld;
  /** Questions a number of hops; as many verifications and proposals. */
  readonly count: number;
  readonly signal: AbortSignal;
}

/** Shares, 0..1; those by hops are for 1, 2 and 3. */
export interface Measured {
  readonly solver: { readonly greedy: readonly number[]; readonly sampled: readonly number[] };
  /** Greedy: right where the material has the answer, "unknown" where it has not. */
  readonly verifier: { readonly right: number; readonly unknown: number };
  /** Of sampled proposals: pass the filter, pass verification too; true of those. */
  readonly proposer: {
    readonly passed: number;
    readonly accepted: number;
    readonly truth: number;
    /** Mean searches of the accepted. */
    readonly searches: number;
  };
}

/**
 * Lets the policy play all three roles through the real services. Throws the first failure of one of
 * them, as SSP_POLICY_UNREACHABLE.
 */
export async function measurePolicy(exam: Exam): Promise<Measured> {
  return {
    solver: { greedy: await solved(exam, 0), sampled: await solved(exam, 1) },
    verifier: await verified(exam),
    proposer: await proposed(exam),
  };
}

interface Seat {
  readonly role: Role;
  readonly chat: readonly ChatMessage[];
}

function play(
  { client, chat, world, signal }: Exam,
  seats: readonly Seat[],
  temperature: number,
): Promise<EpisodeRecord[]> {
  const players = {
    sampler: policySampler(client, { temperature }),
    ...{ searcher: world.searcher, tokenizer: chat.tokenizer },
  };
  const tasks = seats.map(({ role, chat: messages }, seed) => ({
    rules: { role, format, limits },
    prompt: chat.renderChat(messages, { addGenerationPrompt: true }).ids,
    seed,
  }));
  // A service that fails says nothing of the policy: the measurement ends.
  const onFailure = (_: unknown, error: Error): never => {
    throw error;
  };
  return playEpisodes(tasks, players, { maxConcurrent, onFailure }, signal);
}

/** The share of right answers for 1, 2 and 3 hops. */
async function solved(exam: Exam, temperature: number): Promise<number[]> {
  const { questions } = exam.world;
  const asked = [1, 2, 3].map((hops) =>
    questions.filter((question) => question.hops === hops).slice(0, exam.count),
  );
  const seats = asked.flat().map(({ question }): Seat => ({
    role: 'solver',
    chat: renderPrompt(format, 'solver', { question }),
  }));
  const records = await play(exam, seats, temperature);
  const right = asked.flat().map((question, i) => answers(records[i], question.golden_answers));
  const starts = asked.map((_, i) => asked.slice(0, i).flat().length);
  return asked.map((group, i) => share(right.slice(starts[i], (starts[i] ?? 0) + group.length)));
}

async function verified(exam: Exam): Promise<Measured['verifier']> {
  const random = createRandom(exam.world.world.seed, 'verifier');
  const tests = await Promise.all(
    Array.from({ length: 2 * exam.count }, () => verifierExam(exam.world, random)),
  );
  const seats = tests.map(({ question, material }): Seat => ({
    role: 'verifier',
    chat: renderVerifierPrompt(format, question, material),
  }));
  const records = await play(exam, seats, 0);
  const right = (isKnown: boolean): boolean[] =>
    tests.flatMap(({ answer, known }, i) =>
      known === isKnown ? [answers(records[i], [answer])] : [],
    );
  return { right: share(right(true)), unknown: share(right(false)) };
}

async function proposed(exam: Exam): Promise<Measured['proposer']> {
  const random = createRandom(exam.world.world.seed, 'proposer');
  const seeds = Array.from({ length: exam.count }, () => ({
    answer: random.pick(random.pick(exam.world.pagesWithFacts)).object,
    hops: 1 + random.below(3),
  }));
  const seats = seeds.map((seed): Seat => ({
    role: 'proposer',
    chat: renderPrompt(format, 'proposer', seed),
  }));
  const records = await play(exam, seats, 1);
  const passed = records.flatMap((record, i) => {
    const answer = seeds[i]?.answer ?? '';
    const verdict = filterQuestion(record, [answer], filter);
    return verdict.kind === 'accepted' ? [{ record, answer, question: verdict.question }] : [];
  });
  const readings = await play(
    exam,
    passed.map(({ record, question }): Seat => {
      const others = records.filter((other) => other !== record);
      const { passages } = verificationMaterial(record, others, noise, random);
      return { role: 'verifier', chat: renderVerifierPrompt(format, question, passages) };
    }),
    0,
  );
  const accepted = passed.filter(({ answer }, i) => answers(readings[i], [answer]));
  const reader = createQuestionReader(exam.world.world);
  return {
    passed: passed.length / seeds.length,
    accepted: accepted.length / seeds.length,
    truth: share(
      accepted.map(
        ({ question, answer }) => checkQuestion(reader, question, [answer]).truth === 'true',
      ),
    ),
    searches: mean(accepted.map(({ record }) => searchesOf(record))),
  };
}

function searchesOf({ steps }: EpisodeRecord): number {
  return steps.filter(({ kind }) => kind === 'result').length;
}

function answers(
  record: EpisodeRecord | undefined,
  gold: Question['golden_answers'] | string[],
): boolean {
  return record?.outcome.kind === 'answered' && isExactMatch(record.outcome.text, gold);
}

function share(flags: readonly boolean[]): number {
  return mean(flags.map(Number));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(numbers.length, 1);
}

// `npm run tiny-policy:measure -- <url of its policy service> [questions a hop] [seed]`: plays all
// three roles through the real services in a world that it has not seen, and prints the shares. The
// service is started before, `npx ssp policy --model src/models/tiny-policy --full --no-reference`.
if (import.meta.main) await measureShipped();

async function measureShipped(): Promise<void> {
  const [url = 'http://127.0.0.1:8001', count = '200', seed = '1'] = process.argv.slice(2);
  const { signal } = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'tiny-policy-'));
  const client = new PolicyClient({ url });
  const world = await makeTrainingWorld({
    ...{ folder, seed: Number(seed), questions: 3 * Number(count), signal },
    progress: silentProgress,
  });
  try {
    const chat = await openChatFormat(tinyPolicyFolder);
    const measured = await measurePolicy({ client, chat, world, count: Number(count), signal });
    process.stdout.write(`${JSON.stringify(measured, undefined, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 3;
  } finally {
    await world.close();
    await client.close();
    await rm(folder, { recursive: true, force: true });
  }
}
