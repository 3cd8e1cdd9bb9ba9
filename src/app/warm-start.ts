import { join, resolve } from 'node:path';

import { openChatFormat } from '../chat/chat-format.ts';
import type { Config } from '../config/schema.ts';
import { SspError } from '../errors/error.ts';
import { readQuestionSet } from '../evaluation/question-set.ts';
import type { JobContext } from '../progress/progress.ts';
import { silentProgress } from '../progress/progress.ts';
import { gameOptions } from '../rollout/game-options.ts';
import { searcherOf } from '../rollout/searcher.ts';
import { readSeeds } from '../seeds/read-seeds.ts';
import { hashOfValue } from '../storage/hash.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import type { Example, ExampleSources } from '../warm-start/examples.ts';
import { collectExamples } from '../warm-start/examples.ts';
import type { OracleParts } from '../warm-start/oracle.ts';
import type { RecordedEpisode } from '../warm-start/recorded.ts';
import { recordedEpisodes } from '../warm-start/recorded.ts';
import { runWarmStart } from '../warm-start/run-warm-start.ts';
import type { WarmStartState } from '../warm-start/warm-start-folder.ts';
import { WarmStartFolder } from '../warm-start/warm-start-folder.ts';
import { checkPlay, checkServedPlay } from './check-model.ts';
import { modelFolder } from './policy-process.ts';
import { checkContext, checkSpace, withPolicy } from './policy-service.ts';
import { searchElsewhere, searchHere } from './search-service.ts';

/** What a warm start is asked for. */
export interface WarmStartRequest {
  readonly out: string;
  readonly config: Config;
  readonly index?: string | undefined;
  readonly searchUrl?: string | undefined;
  /** A policy service that runs; without it one is started. */
  readonly policyUrl?: string | undefined;
  /** Question sets, for the oracle. */
  readonly questions: readonly string[];
  /** A file of answers, for the oracle. */
  readonly seeds?: string | undefined;
  /** Runs and evaluations whose good episodes are shown. */
  readonly from: readonly string[];
}

/** What came of it. */
export interface WarmStartResult extends WarmStartState {
  /** The folder to begin a training with: `--policy-model`. */
  readonly model: string;
}

/**
 * Collects episodes, learns from them and measures, in one folder; the same request goes on where an
 * earlier one was broken off, and of a finished one gives the result. Throws SSP_USAGE for what is
 * missing, the SSP_WARM_START_ errors, and what reading, searching and the policy service throw.
 */
export async function warmStart(
  request: WarmStartRequest,
  context: JobContext,
): Promise<WarmStartResult> {
  checkRequest(request);
  const { out, config } = request;
  const { roles } = config.warmStart;
  if (request.policyUrl === undefined) await checkServedPlay(config, roles);
  else await checkPlay(config, config.policy.model, roles);
  const sources = await readSources(request);
  const settings = settingsOf(request, sources);
  const folder = await WarmStartFolder.open(out, settings);
  const refuse = (holder: LockHolder): Error =>
    new SspError('SSP_RUN_IN_USE', { path: out, ...holder });
  return withLock(join(out, '.lock'), { refuse }, async () => {
    const done = await folder.state();
    if (done?.played !== undefined) return resultOf(done, config);
    return withGame(request, context, async (game) => {
      const examples = await examplesOf(folder, sources, game, request, context);
      const { policyUrl: url, config: all } = request;
      const { patienceSeconds } = all.warmStart;
      const place = { url, patienceSeconds, checkpoints: folder.checkpoints };
      return withPolicy(all.policy, place, context, async (client, signal) => {
        await client.ready(() => undefined, signal);
        const facts = await client.facts(signal);
        checkMode(all, facts);
        checkContext(all, facts, all.warmStart.roles.includes('verifier'));
        checkSpace({ keepCheckpoints: 0 }, facts, 0); // the last one and the one being written
        const prefix =
          url === undefined ? '' : `${hashOfValue([resolve(out), settings]).slice(0, 8)}-`;
        const parts = { folder, client, game, prefix, merged: !all.policy.full };
        const run = { ...parts, config: all.warmStart };
        const { progress } = context;
        return resultOf(await runWarmStart(examples, run, { progress, signal }), config);
      });
    });
  });
}

function checkRequest({
  config,
  index,
  searchUrl,
  questions,
  seeds,
  from,
}: WarmStartRequest): void {
  const problem = [
    (index === undefined) === (searchUrl === undefined) &&
      'give exactly one of --index and --search-url',
    config.policy.model === undefined && 'give --policy-model <folder or hub id>',
    questions.length === 0 &&
      seeds === undefined &&
      from.length === 0 &&
      'give what is to be shown: --questions <file>, --seeds <file>, --from <run or evaluation>',
  ].find((found) => found !== false);
  if (problem !== undefined) throw new SspError('SSP_USAGE', { problem });
}

/** What is made is looked for where the training mode puts it, so a service elsewhere must have it. */
function checkMode({ policy }: Config, facts: Readonly<Record<string, unknown>>): void {
  const [mode, found] = [policy.full ? 'full' : 'lora', String(facts['mode'])];
  if (mode === found) return;
  const problem = `the policy service trains in mode ${found}, the command in mode ${mode}: give or leave out --policy-full`;
  throw new SspError('SSP_USAGE', { problem });
}

async function readSources({
  questions,
  seeds,
  from,
  config,
}: WarmStartRequest): Promise<ExampleSources> {
  const sets = await Promise.all(questions.map((path) => readQuestionSet(path)));
  const known = sets.flatMap((set) =>
    set.questions.map(({ question, goldAnswers }) => ({ question, answers: goldAnswers })),
  );
  const answers =
    seeds === undefined
      ? []
      : (await readSeeds(seeds, config.seeds)).seeds.map((seed) => seed.answers);
  const recorded: RecordedEpisode[] = [];
  for (const path of from) {
    for await (const episode of recordedEpisodes(path)) recorded.push(episode);
  }
  return { questions: known, answers, recorded };
}

/** All that decides what comes of it. */
function settingsOf(
  { config, index, searchUrl }: WarmStartRequest,
  sources: ExampleSources,
): Record<string, unknown> {
  // Neither of the two decides a token.
  const warmStart = { ...config.warmStart, maxConcurrent: 0, patienceSeconds: 0 };
  const { model, full, loraRank, dtype, seed } = config.policy;
  return {
    ...{ warmStart, game: config.game, policy: { model, full, loraRank, dtype, seed } },
    index: index === undefined ? searchUrl : resolve(index),
    sources: hashOfValue(sources),
  };
}

/** Runs `body` with the game as the model is to play it. */
async function withGame<Result>(
  { config, index, searchUrl }: WarmStartRequest,
  context: JobContext,
  body: (game: OracleParts) => Promise<Result>,
): Promise<Result> {
  const { progress } = context;
  const { patienceSeconds } = config.warmStart;
  const chat = await openChatFormat(await modelFolder(config.policy.model, context));
  const search =
    searchUrl === undefined
      ? await searchHere(index ?? '', config, { ...context, progress: silentProgress })
      : searchElsewhere(searchUrl, { patienceSeconds, progress }, { agent: 'oracle' });
  try {
    const { format, limits, filter } = gameOptions(config.game);
    const searcher = searcherOf(search.service, config.game.topPassages);
    return await body({ chat, format, limits, filter, searcher });
  } finally {
    await search.close();
  }
}

async function examplesOf(
  folder: WarmStartFolder,
  sources: ExampleSources,
  game: OracleParts,
  { config }: WarmStartRequest,
  context: JobContext,
): Promise<Example[]> {
  const before = await folder.examples();
  if (before !== undefined) return before;
  const examples = await collectExamples(sources, config.warmStart, game, context);
  await folder.writeExamples(examples);
  return examples;
}

function resultOf(state: WarmStartState, { policy }: Pick<Config, 'policy'>): WarmStartResult {
  return { ...state, model: join(state.checkpoint.path, policy.full ? 'model' : 'merged') };
}
