import type { Config } from '../../config/schema.ts';
import { SspError } from '../../errors/error.ts';
import { searchIndexFacts } from '../../http/search-facts.ts';
import { PolicyClient } from '../../policy/policy-client.ts';
import { HttpSearcher } from '../../rollout/http-searcher.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { runFolder } from '../../run/run-folder.ts';
import { cutBack, makeRunFolders, writeEvent } from '../../training/run-writer.ts';
import { Trainer } from '../../training/trainer.ts';
import type { TrainerState } from '../../training/trainer-state.ts';
import { initialState } from '../../training/trainer-state.ts';
import type { CommandContext } from '../context.ts';
import { modelFolder } from '../policy-process.ts';
import { withFolderLock } from './folder-lock.ts';
import type { RunInputs } from './run-inputs.ts';
import { readRunInputs } from './run-inputs.ts';
import {
  checkSameConfig,
  checkSameInputs,
  isRun,
  newManifest,
  withWholePaths,
  writeRunStart,
} from './run-start.ts';
import type { StartedPolicy, UsedService } from './services.ts';
import { serviceElsewhere, startPolicy, startSearch } from './services.ts';
import { trainerParts } from './trainer-parts.ts';

/** A run to make or to continue. */
export interface RunRequest {
  /** The run directory. */
  readonly run: string;
  /** Go on with the run that is there. */
  readonly resume: boolean;
  readonly config: Config;
}

/**
 * Trains: opens or starts the services, begins or resumes the run, plays its steps. Everything that
 * it started is stopped when it ends, however it ends. Throws what {@link Trainer.run} and
 * {@link readRunInputs} throw, SSP_RUN_EXISTS, SSP_RUN_IN_USE, SSP_RUN_DIFFERS, SSP_USAGE for what the
 * configuration does not name, and SSP_INTERRUPTED.
 */
export async function runTraining(
  request: RunRequest,
  context: CommandContext,
): Promise<TrainerState> {
  const { run, resume } = request;
  const config = await withWholePaths(request.config);
  const folder = runFolder(run);
  if (!resume && (await isRun(folder))) throw new SspError('SSP_RUN_EXISTS', { path: run });
  if (resume) await checkSameConfig(folder, config);
  checkInputs(config);
  const inputs = await readRunInputs(config);
  return withFolderLock(folder, () => withServices({ run, resume, config }, inputs, context));
}

async function withServices(
  { run, resume, config }: RunRequest,
  inputs: RunInputs,
  context: CommandContext,
): Promise<TrainerState> {
  const folder = runFolder(run);
  const services = new UsedServices();
  try {
    const { training } = config;
    const { length: count } = inputs.seeds;
    context.progress.note(`starting the services; ${count} seeds are read`);
    const search = await services.use(
      training.searchUrl === undefined
        ? startSearch(training.index ?? '', config)
        : Promise.resolve(serviceElsewhere(training.searchUrl)),
    );
    await makeRunFolders(folder);
    const policy: UsedService & { broken?: AbortSignal } = await services.use(
      training.policyUrl === undefined
        ? startPolicy(config.policy, folder.checkpoints, context)
        : Promise.resolve(serviceElsewhere(training.policyUrl)),
    );
    const ends = AbortSignal.any([context.signal, ...(policy.broken ? [policy.broken] : [])]);
    const used = { search, policy };
    return await train({ run, resume, config }, inputs, used, { ...context, signal: ends });
  } catch (error) {
    throw context.signal.aborted ? await interrupted(folder, error) : error;
  } finally {
    await services.stop();
  }
}

async function train(
  { run, resume, config }: RunRequest,
  inputs: RunInputs,
  { search, policy }: { search: UsedService; policy: UsedService },
  context: CommandContext,
): Promise<TrainerState> {
  const { progress, signal } = context;
  const { training } = config;
  const folder = runFolder(run);
  const client = new PolicyClient({
    url: policy.url,
    token: process.env['SSP_POLICY_TOKEN'] ?? process.env['SSP_TOKEN'],
  });
  const searcher = new HttpSearcher({
    url: search.url,
    token: process.env['SSP_TOKEN'],
    topPassages: config.game.topPassages,
  });
  try {
    await client.ready(() => undefined, signal);
    const model = await client.facts(signal);
    checkContext(config, model);
    const parts = await trainerParts(
      {
        config,
        inputs,
        folder,
        client,
        searcher,
        modelFolder: await modelFolder(config.policy.model, context),
      },
      context,
    );
    const index = (await searchIndexFacts(search.url, signal)) ?? null;
    const count = inputs.seeds.length;
    const seeds = { path: training.seeds ?? '', count, hash: inputs.hash };
    const manifest = newManifest({ model, index, seeds });
    const trainer = new Trainer(parts, initialState);
    if (resume && (await isRun(folder))) {
      await checkSameInputs(folder, manifest);
      const { step } = await trainer.resume();
      await writeEvent(folder, { event: 'resumed', step });
      progress.note(`resumed after step ${step} of ${training.steps}`);
    } else {
      await cutBack(folder, -1); // what a start that got to no checkpoint has left
      await writeRunStart(folder, config, manifest);
    }
    return await trainer.run();
  } finally {
    await client.close();
  }
}

/** Throws SSP_USAGE for the first thing that a run cannot do without. */
function checkInputs({ training, policy, game, judge }: Config): void {
  const { frozenCheckpoint } = training;
  const readsAsJudge = game.verify && game.reader === 'judge';
  const problem = [
    training.seeds === undefined && 'name the seeds: training.seeds, or `ssp train --seeds <file>`',
    training.searchUrl === undefined &&
      training.index === undefined &&
      'name an index (training.index, --index) or a search service (training.searchUrl)',
    policy.model === undefined &&
      'name the model: policy.model, or `ssp train --policy-model <folder>`',
    readsAsJudge &&
      judge.url === undefined &&
      'game.reader is judge, so name one: judge.url and judge.model',
    frozenCheckpoint !== undefined &&
      training.learners === 'both' &&
      'training.frozenCheckpoint is set, but both roles learn: name the one in training.learners',
    /^step-\d+$/.test(frozenCheckpoint ?? '') &&
      `training.frozenCheckpoint is ${frozenCheckpoint}, a name under which a run writes its own: copy it to another`,
    (game.temperature === 0 || game.proposerTemperature === 0) &&
      'a temperature of game is 0: all episodes would be the same',
  ].find((found) => found !== false);
  if (problem !== undefined) throw new SspError('SSP_USAGE', { problem });
}

/** Throws SSP_TRAINING_CONTEXT where the longest episode does not fit the model. */
function checkContext({ game }: Config, model: Readonly<Record<string, unknown>>): void {
  const context = Number(model['max_sequence_tokens'] ?? model['context_length']);
  const needed = game.maxPromptTokens + game.maxResponseTokens;
  if (needed > context) throw new SspError('SSP_TRAINING_CONTEXT', { needed, context });
}

async function interrupted(folder: RunFolder, cause: unknown): Promise<SspError> {
  const has = await isRun(folder);
  const state = has ? 'stands as after its last checkpoint' : 'had not begun';
  const progress = `the run in ${folder.path} ${state}.`;
  const resume = has ? 'it goes on from there, `ssp train` with --resume.' : 'it begins.';
  return new SspError('SSP_INTERRUPTED', { progress, resume }, { cause });
}

/** Services in use, stopped in the reverse order. */
class UsedServices {
  readonly #services: (UsedService | StartedPolicy)[] = [];

  async use<Service extends UsedService>(starting: Promise<Service>): Promise<Service> {
    const service = await starting;
    this.#services.push(service);
    return service;
  }

  async stop(): Promise<void> {
    for (const service of this.#services.reverse()) await service.stop();
  }
}
