import type { Config } from '../../config/schema.ts';
import type { SspError } from '../../errors/error.ts';
import type { EvaluationPlayers } from '../../evaluation/evaluate-questions.ts';
import { solverGame } from '../../evaluation/setting.ts';
import { openJudge } from '../../judge/judge.ts';
import type { JobContext } from '../../progress/progress.ts';
import type { OnFailure } from '../../rollout/play-episode.ts';
import { searcherOf } from '../../rollout/searcher.ts';
import type { EvaluationSetting } from '../../types/evaluation.ts';
import { toolVersion } from '../../version.ts';
import type { OpenSearch } from '../search-service.ts';
import { searchElsewhere, searchHere } from '../search-service.ts';
import { watchJudge } from '../watch-services.ts';
import type { EvalOptions } from './asked-sets.ts';
import { chosenSolver, patienceOf } from './solver.ts';

/** Who takes part, and the part of the setting that they make. */
interface OpenPlayers {
  readonly players: EvaluationPlayers;
  readonly setting: Omit<EvaluationSetting, 'sets'>;
  readonly onFailure: OnFailure;
}

/** Opens solver, search service and judge as the command names them, and closes them after `body`. */
export async function withPlayers<Result>(
  options: EvalOptions,
  config: Config,
  context: JobContext,
  body: (open: OpenPlayers) => Promise<Result>,
): Promise<Result> {
  const { signal } = context;
  const onFailure = failureNotes((text) => {
    context.progress.note(text);
  });
  const patience = patienceOf(config, context);
  const onJudgeFailure = (error: SspError): void => {
    onFailure('judge', error);
  };
  const watch = watchJudge(config.judge, patience);
  const judge = openJudge(config.judge, process.env['SSP_JUDGE_TOKEN'], onJudgeFailure, watch);
  const chosen = await chosenSolver(options, config);
  const search = await openSearch(options, config, context);
  try {
    const index = (await search.service.indexFacts(signal)) ?? null;
    const opened = await chosen(context);
    try {
      const { solver, model } = opened;
      const { topPassages } = config.game;
      const setting: OpenPlayers['setting'] = {
        ...{ toolVersion, model, temperature: 0, seed: config.evaluation.seed },
        search: { topPassages, index },
        game: solverGame(config.game),
        judge: judgeFacts(config.judge),
      };
      const searcher = searcherOf(search.service, topPassages);
      return await body({ players: { solver, searcher, judge }, setting, onFailure });
    } finally {
      await opened.close();
    }
  } finally {
    await search.close();
  }
}

function openSearch(
  { searchUrl, index }: EvalOptions,
  config: Config,
  context: JobContext,
): Promise<OpenSearch> | OpenSearch {
  if (searchUrl !== undefined) {
    return searchElsewhere(searchUrl, patienceOf(config, context), { agent: 'evaluation' });
  }
  return searchHere(index ?? '', config, context);
}

function judgeFacts({ url, model }: Config['judge']): EvaluationSetting['judge'] {
  return url === undefined || model === undefined ? null : { url, model };
}

/** Tells the first failure of each service and code; the others are counted in the scores. */
function failureNotes(note: (text: string) => void): OnFailure {
  const told = new Set<string>();
  return (failure, { code, message }) => {
    if (told.has(`${failure} ${code}`)) return;
    told.add(`${failure} ${code}`);
    note(`a question failed (${failure}): ${code}: ${message}`);
  };
}
