import { z } from 'zod';

import { runAll } from '../concurrency/limits.ts';
import type { WarmStartConfig } from '../config/warm-start.ts';
import { SspError } from '../errors/error.ts';
import type { JobContext, Progress } from '../progress/progress.ts';
import { createRandom } from '../random/random.ts';
import type { EpisodeRecord, Role } from '../types/episode.ts';
import { episodeRecordSchema } from '../types/episode.ts';
import { chainQuestion } from './chain.ts';
import { demonstrate, recordedScript, recordedSearcher } from './demonstration.ts';
import type { KnownQuestion, OracleParts } from './oracle.ts';
import {
  passagesOf,
  proposerEpisode,
  sentenceQuestion,
  solverEpisode,
  verifierEpisode,
} from './oracle.ts';
import type { RecordedEpisode } from './recorded.ts';

/** An episode to learn from, or to measure on. */
export const exampleSchema = z
  .strictObject({ heldOut: z.boolean(), episode: episodeRecordSchema })
  .readonly();
export type Example = z.output<typeof exampleSchema>;

/** Where episodes come from. */
export interface ExampleSources {
  /** Questions with their answers, for the oracle. */
  readonly questions: readonly KnownQuestion[];
  /** Answers alone, each in all its forms: the oracle asks for them too. */
  readonly answers: readonly (readonly string[])[];
  readonly recorded: readonly RecordedEpisode[];
}

/**
 * Up to `config.episodes` episodes of each role, or the role's own number: the recorded ones first, then
 * those of the oracle, all drawn by the seed. Throws SSP_WARM_START_EMPTY where a role has none, and what the searcher throws.
 */
export async function collectExamples(
  sources: ExampleSources,
  config: WarmStartConfig,
  parts: OracleParts,
  context: JobContext,
): Promise<Example[]> {
  const collection = new Collection(config, context.progress);
  await addRecorded(collection, sources.recorded, config, parts, context.signal);
  await addOracle(collection, sources, config, parts, context.signal);
  return collection.finish();
}

async function addRecorded(
  collection: Collection,
  recorded: readonly RecordedEpisode[],
  { seed, maxConcurrent }: WarmStartConfig,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<void> {
  const drawn = createRandom(seed, 'recorded').shuffled(recorded);
  for (const chunk of chunks(drawn, maxConcurrent)) {
    const play = async (one: RecordedEpisode): Promise<EpisodeRecord | undefined> => {
      if (!collection.wants(one.task.role)) return undefined;
      const script = recordedScript(one.episode, parts.format.tags);
      return demonstrate(one.task, script, recordedSearcher(one.episode), parts, signal);
    };
    const played = await runAll(chunk, maxConcurrent, play, signal);
    for (const [i, { question }] of chunk.entries()) collection.add(question, played[i]);
  }
}

/** A question, or an answer alone. */
type Source = KnownQuestion | { readonly answers: readonly string[] };

/** What the oracle asks: over one search, or over the two of a chain. */
const kinds = ['single', 'chain'] as const;
type Kind = (typeof kinds)[number];

async function addOracle(
  collection: Collection,
  { questions, answers }: ExampleSources,
  { seed, maxConcurrent, noise }: WarmStartConfig,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<void> {
  const random = createRandom(seed, 'oracle');
  const sources = [...questions, ...answers.map((forms) => ({ answers: forms }))];
  let earlier: EpisodeRecord[] = [];
  for (const chunk of chunks(random.shuffled<Source>(sources), maxConcurrent)) {
    const wanted = kinds.filter((kind) => collection.wantsAny(kind));
    if (wanted.length === 0) return;
    const asked = await runAll(
      chunk,
      maxConcurrent,
      (source) => ask(source, wanted, parts, signal),
      signal,
    );
    const proposals: EpisodeRecord[] = [];
    for (const { known, proposal, solved } of asked.filter((one) => one !== undefined)) {
      const kind = known.chain === undefined ? 'single' : 'chain';
      collection.add(known.question, solved, kind);
      collection.add(known.question, proposal, kind);
      if (proposal === undefined) continue;
      proposals.push(proposal);
      const others = random.sample(earlier.flatMap(passagesOf), noise);
      const read = await verifierEpisode(known, proposal, others, random, parts, signal);
      collection.add(known.question, read, kind);
    }
    if (proposals.length > 0) earlier = proposals;
  }
}

interface Asked {
  readonly known: KnownQuestion;
  readonly solved: EpisodeRecord | undefined;
  readonly proposal: EpisodeRecord | undefined;
}

async function ask(
  source: Source,
  wanted: readonly Kind[],
  parts: OracleParts,
  signal: AbortSignal,
): Promise<Asked | undefined> {
  const known = await questionOf(source, wanted, parts, signal);
  if (known === undefined) return undefined;
  const solved = await solverEpisode(known, parts, signal);
  return { known, solved, proposal: await proposerEpisode(known, parts, signal) };
}

/** Of an answer alone its chain, where that is wanted and it has one, else its sentence. */
async function questionOf(
  source: Source,
  wanted: readonly Kind[],
  { searcher }: OracleParts,
  signal: AbortSignal,
): Promise<KnownQuestion | undefined> {
  const takesSingle = wanted.includes('single');
  if ('question' in source) return takesSingle ? source : undefined;
  const { answers } = source;
  const chain = wanted.includes('chain')
    ? await chainQuestion(answers, searcher, signal)
    : undefined;
  return chain ?? (takesSingle ? sentenceQuestion(answers, searcher, signal) : undefined);
}

/** What has been found so far, a place for each wanted episode. */
class Collection {
  readonly #config: WarmStartConfig;
  readonly #examples: Example[] = [];
  /** By role, and by role and kind. */
  readonly #counts = new Map<string, number>();
  readonly #stage: ReturnType<Progress['stage']>;

  constructor(config: WarmStartConfig, progress: Progress) {
    this.#config = config;
    const wanted = config.roles.reduce((sum, role) => sum + episodesOf(config, role), 0);
    this.#stage = progress.stage('show', 'episodes', wanted);
  }

  /** Of any kind where none is named, as for a recorded episode. */
  wants(role: Role, kind?: Kind): boolean {
    const { roles, chainShare } = this.#config;
    const episodes = episodesOf(this.#config, role);
    if (!roles.includes(role) || this.#count(role) >= episodes) return false;
    const chains = Math.round(chainShare * episodes);
    const limits = { chain: chains, single: episodes - chains };
    return kind === undefined || this.#count(`${role} ${kind}`) < limits[kind];
  }

  wantsAny(kind: Kind): boolean {
    return this.#config.roles.some((role) => this.wants(role, kind));
  }

  #count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Keeps an episode that is wanted. Those of one question are held out together. */
  add(question: string, episode: EpisodeRecord | undefined, kind?: Kind): void {
    if (episode === undefined || !this.wants(episode.role, kind)) return;
    const { seed, heldOutShare } = this.#config;
    const { role } = episode;
    const heldOut = createRandom(seed, 'held-out', question).chance(heldOutShare);
    for (const what of [role, `${role} ${kind}`]) this.#counts.set(what, this.#count(what) + 1);
    this.#examples.push({ heldOut, episode });
    this.#stage.add(1);
  }

  finish(): Example[] {
    this.#stage.end();
    const missing = this.#config.roles.filter((role) => !this.#counts.has(role));
    if (missing.length === 0) return this.#examples;
    throw new SspError('SSP_WARM_START_EMPTY', { roles: missing.join(', ') });
  }
}

function episodesOf({ episodesOf, episodes }: WarmStartConfig, role: Role): number {
  return episodesOf[role] ?? episodes;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
