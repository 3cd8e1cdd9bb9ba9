import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { SspError } from '../../src/errors/error.ts';
import { hashFile } from '../../src/storage/hash.ts';
import { readJsonFile } from '../../src/storage/json-files.ts';
import type { QuestionRecord } from '../../src/types/question-record.ts';
import { facts } from './facts.ts';
import { worldManifestName } from './generate.ts';
import type { QuestionReader } from './question-reader.ts';
import { createQuestionReader } from './question-reader.ts';
import type { World } from './world.ts';
import { createWorld } from './world.ts';

/** Whether a question's answer is right by the facts of its world. */
export interface QuestionCheck {
  readonly truth: NonNullable<QuestionRecord['truth']>;
  /** Facts that must be joined; absent for an unreadable question. */
  readonly hops?: number;
}

/**
 * `true` where the facts lead to something, and all that they lead to is one of `answers`; `false`
 * where they lead elsewhere, to several things or to nothing; `unreadable` where the question is in
 * none of the world's wordings or names what does not exist. It is a metric, never a reward.
 */
export function checkQuestion(
  reader: QuestionReader,
  question: string,
  answers: readonly string[],
): QuestionCheck {
  const reading = reader.read(question.trim().replaceAll(/\s+/g, ' '));
  if (reading === undefined) return { truth: 'unreadable' };
  const given = new Set(answers.map((answer) => answer.trim().toLowerCase()));
  const isTrue =
    reading.answers.length > 0 &&
    reading.answers.every((texts) => texts.some((text) => given.has(text.toLowerCase())));
  return { truth: isTrue ? 'true' : 'false', hops: reading.hops };
}

const worldSchema = z.looseObject({ seed: z.int().min(0), entities: z.int().min(2) });

/**
 * {@link checkQuestion} by the facts at `factsPath`, written by `ssp corpus generate`, with
 * `world.json` beside them. Throws SSP_FILE_NOT_FOUND, and SSP_FILE_INVALID where the facts are not
 * those of that world.
 */
export async function openQuestionCheck(
  factsPath: string,
): Promise<(question: string, answers: readonly string[]) => QuestionCheck> {
  const manifest = join(dirname(factsPath), worldManifestName);
  const { seed, entities } = await readJsonFile(manifest, 'world', worldSchema);
  const world = createWorld({ seed, entities });
  await refuseOtherFacts(factsPath, world);
  const reader = createQuestionReader(world);
  return (question, answers) => checkQuestion(reader, question, answers);
}

async function refuseOtherFacts(path: string, world: World): Promise<void> {
  const hash = createHash('sha256');
  for (const fact of facts(world)) hash.update(`${JSON.stringify(fact)}\n`);
  const found = await hashFile(path).catch(() => undefined);
  if (found === undefined)
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'file of facts', path });
  if (found === hash.digest('hex')) return;
  const problem = `they are not those of the world that ${worldManifestName} beside them names`;
  throw new SspError('SSP_FILE_INVALID', { what: 'facts', path, problem });
}
