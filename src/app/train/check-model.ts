import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { openChatFormat } from '../../chat/chat-format.ts';
import type { Config } from '../../config/schema.ts';
import { readJsonFile } from '../../storage/json-files.ts';
import { checkContext } from '../policy-service.ts';

const modelConfig = z.looseObject({ max_position_embeddings: z.int().min(1).optional() });

/**
 * Looks at the small files of the model folder before a service is started for it: tokenizer, chat
 * template and context, in a second. A hub id is looked at once it is there. Throws what
 * {@link openChatFormat} throws, and SSP_TRAINING_CONTEXT.
 */
export async function checkModel({ policy, game, training }: Config): Promise<void> {
  const { model: folder, maxSequenceTokens } = policy;
  if (training.policyUrl !== undefined || folder === undefined) return;
  if ((await stat(folder).catch(() => undefined)) === undefined) return;
  await openChatFormat(folder);
  const file = join(folder, 'config.json');
  const model = await readJsonFile(file, 'model configuration', modelConfig);
  const context = model.max_position_embeddings ?? Infinity;
  const facts = { context_length: Math.min(context, maxSequenceTokens ?? Infinity) };
  checkContext({ game }, facts, game.verify && game.reader === 'policy');
}
