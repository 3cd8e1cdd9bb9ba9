import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { ChatFormat } from '../chat/chat-format.ts';
import { openChatFormat } from '../chat/chat-format.ts';
import type { Config } from '../config/schema.ts';
import { SspError } from '../errors/error.ts';
import { findModel } from '../models/trained-model.ts';
import { gameOptions } from '../rollout/game-options.ts';
import { checkPrompts } from '../rollout/prompt-room.ts';
import { readJsonFile } from '../storage/json-files.ts';
import type { Role } from '../types/episode.ts';
import { checkContext } from './policy-service.ts';

const modelConfig = z.looseObject({
  max_position_embeddings: z.int().min(1).optional(),
  vocab_size: z.int().min(1).optional(),
});

/**
 * Looks at what is played with, in a second, before an index or a model is opened: the prompt file, and of
 * the model folder the tokenizer, the chat template and whether the prompts of `roles` have room. Gives
 * the chat format; undefined where there is no such folder yet, as for a hub id. Throws what
 * {@link gameOptions}, {@link openChatFormat} and {@link checkPrompts} throw.
 */
export async function checkPlay(
  { game }: Pick<Config, 'game'>,
  folder: string | undefined,
  roles: readonly Role[],
): Promise<ChatFormat | undefined> {
  const options = gameOptions(game);
  if (folder === undefined || !(await exists(folder))) return undefined;
  const chat = await openChatFormat((await findModel(folder)).model);
  checkPrompts(chat, options, roles);
  return chat;
}

/**
 * The same for a model that a service is to be started for, whose config.json says how long its episodes
 * may be, and how many token ids it has. Throws SSP_TOKENIZER_CONTRADICTORY and SSP_TRAINING_CONTEXT too.
 */
export async function checkServedPlay(
  { game, policy }: Pick<Config, 'game' | 'policy'>,
  roles: readonly Role[],
): Promise<void> {
  const { model: named, maxSequenceTokens } = policy;
  const folder = named === undefined ? undefined : (await findModel(named)).model;
  const chat = await checkPlay({ game }, folder, roles);
  if (folder === undefined || chat === undefined) return;
  const file = join(folder, 'config.json');
  const model = await readJsonFile(file, 'model configuration', modelConfig);
  checkIds(folder, chat, model.vocab_size ?? Infinity);
  const context = model.max_position_embeddings ?? Infinity;
  const facts = { context_length: Math.min(context, maxSequenceTokens ?? Infinity) };
  checkContext({ game }, facts, roles.includes('verifier'));
}

/** The tokens beside the vocabulary have the last ids. */
function checkIds(folder: string, { tokenizer }: ChatFormat, size: number): void {
  const beyond = [...tokenizer.addedTokens].find(([, id]) => id >= size);
  if (beyond === undefined) return;
  const problem = `tokenizer.json gives ${beyond.join(' the id ')}, config.json has vocab_size ${size}`;
  throw new SspError('SSP_TOKENIZER_CONTRADICTORY', { path: folder, problem });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
