import { basename, resolve } from 'node:path';

import { openChatFormat } from '../../chat/chat-format.ts';
import type { Config } from '../../config/schema.ts';
import type { JobContext } from '../../progress/progress.ts';
import { silentProgress } from '../../progress/progress.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import { searcherOf } from '../../rollout/searcher.ts';
import { checkMaterialRoom } from '../../training/material-room.ts';
import type { SearchService } from '../../types/search-service.ts';
import { modelFolder } from '../policy-process.ts';
import type { SearchConfig } from '../search-service.ts';
import { searchElsewhere, searchHere } from '../search-service.ts';
import type { RunInputs } from './run-inputs.ts';

/**
 * Runs `body` with the search service that the configuration names, which is told the name of the folder
 * `run`, or with its index.
 */
export async function withRunSearch<Result>(
  { config, run }: { readonly config: Config; readonly run: string },
  context: JobContext,
  body: (search: SearchService) => Promise<Result>,
): Promise<Result> {
  const { searchUrl, index = '', patienceSeconds } = config.training;
  const search =
    searchUrl === undefined
      ? await searchHere(index, unbounded(config), { ...context, progress: silentProgress })
      : searchElsewhere(
          searchUrl,
          { patienceSeconds, progress: context.progress },
          { run: basename(resolve(run)) },
        );
  try {
    return await body(search.service);
  } finally {
    await search.close();
  }
}

/** Before the model is loaded: whether the verifier could read what it would be given. */
export async function checkMaterial(
  { game, policy }: Config,
  { source }: RunInputs,
  search: SearchService,
  context: JobContext,
): Promise<void> {
  if (source.kind !== 'seeds') return;
  const { seeds } = source;
  const { topPassages } = game;
  const chat = await openChatFormat(await modelFolder(policy.model, context));
  const searcher = searcherOf(search, topPassages);
  const room = { game: gameOptions(game), topPassages, chat, searcher, seeds };
  await checkMaterialRoom(room, context.signal);
}

/** All queries are our own: they wait for each other, and none is refused. */
function unbounded({ service, encoder }: Config): SearchConfig {
  return { encoder, service: { ...service, maxQueued: Infinity } };
}
