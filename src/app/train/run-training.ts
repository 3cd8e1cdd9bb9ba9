import type { PolicyClient } from '../../clients/policy/policy-client.ts';
import type { PolicyConfig } from '../../config/policy.ts';
import type { Config } from '../../config/schema.ts';
import { SspError } from '../../errors/error.ts';
import { unanswerableNote } from '../../evaluation/question-set.ts';
import type { JobContext } from '../../progress/progress.ts';
import { formatOf } from '../../rollout/game-formats.ts';
import { readRunManifest } from '../../run/read-run.ts';
import { stateSteps } from '../../run/run-contents.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { runFolder, withRunLock } from '../../run/run-folder.ts';
import { hashOfValue } from '../../storage/hash.ts';
import type { TrainerState } from '../../training/run-writer.ts';
import { cutBack, initialState, makeRunFolders, writeEvent } from '../../training/run-writer.ts';
import { Trainer } from '../../training/trainer.ts';
import type { RunManifest } from '../../types/run.ts';
import type { SearchService } from '../../types/search-service.ts';
import { openOutsidePlayer } from '../outside-player.ts';
import { modelFolder } from '../policy-process.ts';
import { checkContext, checkSpace, firstWeightsText, withPolicy } from '../policy-service.ts';
import { asPlayed, checkInputs, letsServerPlay } from './check-inputs.ts';
import { checkPlayedModel } from './check-played-model.ts';
import { microBatchNote, policyAsBegun } from './policy-as-begun.ts';
import type { RunInputs } from './run-inputs.ts';
import { readRunInputs, sourceFacts } from './run-inputs.ts';
import { checkMaterial, withRunSearch } from './run-search.ts';
import type { ResumeRequest } from './run-start.ts';
import {
  beginningOf,
  checkpointPrefix,
  checkSameConfig,
  isRun,
  newManifest,
  sameManifest,
  withWholePaths,
  writeRunStart,
} from './run-start.ts';
import type { PartsSource } from './trainer-parts.ts';
import { trainerParts } from './trainer-parts.ts';

/** A run to make or to continue. */
export interface RunRequest extends ResumeRequest {
  /** The run directory. */
  readonly run: string;
  readonly config: Config;
}

/** One that is about to begin, or to go on from a step. */
interface ReadyRun {
  readonly folder: RunFolder;
  readonly config: Config;
  readonly from: number | 'new';
}

/**
 * Trains: opens or starts the services, begins or resumes the run, plays its steps. Everything that
 * it started is stopped when it ends, however it ends. Throws what {@link Trainer.run} and
 * {@link readRunInputs} throw, SSP_RUN_EXISTS, SSP_RUN_IN_USE, SSP_RUN_DIFFERS, SSP_USAGE for what the
 * configuration does not name, and SSP_INTERRUPTED.
 */
export async function runTraining(request: RunRequest, context: JobContext): Promise<TrainerState> {
  const config = asPlayed(await withWholePaths(request.config));
  const folder = runFolder(request.run);
  await beginningOf(folder, request);
  checkInputs(request.config);
  await checkPlayedModel(config);
  const inputs = await readRunInputs(config);
  for (const note of inputNotes(inputs)) context.progress.note(note);
  return withRunLock(request.run, async () => {
    const from = await beginningOf(folder, request);
    if (from !== 'new') await checkSameConfig(folder, config);
    return withServices({ folder, config, from }, inputs, context);
  });
}

/** What is to be said of the files before anything is started. */
function inputNotes({ source, validationSets }: RunInputs): string[] {
  const sets = validationSets.map(({ name, questions }) => {
    return unanswerableNote(`the validation set ${name}`, questions);
  });
  const given =
    source.kind === 'seeds'
      ? []
      : [
          source.leftOut > 0 &&
            `${source.leftOut} training questions stand in a validation set too: they are left out`,
          unanswerableNote('the training questions', source.questions),
        ];
  return [...sets, ...given].filter((note) => typeof note === 'string');
}

async function withServices(
  ready: ReadyRun,
  inputs: RunInputs,
  context: JobContext,
): Promise<TrainerState> {
  const { progress, signal } = context;
  const { folder, config } = ready;
  progress.note(`starting the services; ${sourceText(inputs.source)} are read`);
  try {
    return await withRunSearch({ config, run: folder.path }, context, async (search) => {
      await checkMaterial(config, inputs, search, context);
      await makeRunFolders(folder);
      const { policyUrl: url, patienceSeconds } = config.training;
      const place = { url, patienceSeconds, checkpoints: folder.checkpoints };
      return withPolicy(await policyOf(ready), place, context, (client, ends) =>
        train(ready, inputs, { search, client }, { progress, signal: ends }),
      );
    });
  } catch (error) {
    throw signal.aborted ? await interrupted(folder, error) : error;
  }
}

/** The policy's settings, with what its service has to keep of what it chose for this run. */
async function policyOf({ folder, config, from }: ReadyRun): Promise<PolicyConfig> {
  return from === 'new'
    ? config.policy
    : policyAsBegun(config.policy, await readRunManifest(folder));
}

async function train(
  { folder, config, from }: ReadyRun,
  inputs: RunInputs,
  { search, client }: { readonly search: SearchService; readonly client: PolicyClient },
  context: JobContext,
): Promise<TrainerState> {
  const { signal } = context;
  const { training } = config;
  await client.ready(() => undefined, signal);
  const model = await client.facts(signal);
  checkContext(config, model, config.game.verify && config.game.reader === 'policy');
  checkSpace(training, model, (await stateSteps(folder)).length);
  const outside = letsServerPlay(config)
    ? await openOutsidePlayer(config, training.patienceSeconds, context)
    : undefined;
  try {
    return await trainWith(
      { config, inputs, folder, client, search, outside },
      model,
      from,
      context,
    );
  } finally {
    await outside?.close();
  }
}

function sourceText(source: RunInputs['source']): string {
  return source.kind === 'seeds'
    ? `${source.seeds.length} seeds`
    : `${source.questions.length} training questions`;
}

async function trainWith(
  source: Omit<PartsSource, 'modelFolder' | 'checkpointPrefix'>,
  model: RunManifest['model'],
  from: ReadyRun['from'],
  context: JobContext,
): Promise<TrainerState> {
  const { config, inputs, folder, search } = source;
  const { training } = config;
  const { progress, signal } = context;
  const index = (await search.indexFacts(signal)) ?? null;
  const prompts = hashOfValue(formatOf(config.game));
  const now = newManifest({ model, index, prompts, ...sourceFacts(training, inputs.source) });
  const manifest = from === 'new' ? now : await sameManifest(folder, now);
  const parts = await trainerParts(
    {
      ...source,
      checkpointPrefix: training.policyUrl ? await checkpointPrefix(folder, manifest) : '',
      modelFolder: await modelFolder(config.policy.model, context),
    },
    context,
  );
  const trainer = new Trainer(parts, initialState);
  if (from === 'new') {
    await cutBack(folder, -1); // the score of a start that got to no checkpoint
    await writeRunStart(folder, config, manifest);
    progress.note(firstWeightsText(model));
  } else {
    const note = microBatchNote(manifest.model, model);
    if (note !== undefined) progress.note(note);
    const { step } = await trainer.resume(from);
    await writeEvent(folder, { event: 'resumed', step });
    progress.note(`resumed after step ${step} of ${training.steps}`);
  }
  return trainer.run();
}

async function interrupted(folder: RunFolder, cause: unknown): Promise<SspError> {
  const has = await isRun(folder);
  const state = has ? 'stands as after its last checkpoint' : 'had not begun';
  const progress = `the run in ${folder.path} ${state}.`;
  const resume = has ? 'it goes on from there, `ssp train` with --resume.' : 'it begins.';
  return new SspError('SSP_INTERRUPTED', { progress, resume }, { cause });
}
