import { basename, join, resolve } from 'node:path';

import { z } from 'zod';

import { isSspError, SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';
import type { EncoderDescription } from '../types/encoder.ts';
import { encoderDescriptionSchema } from '../types/encoder.ts';

/** What a folder says about its encoder; the weights' hash is added when they are loaded. */
export type FolderDescription = Omit<EncoderDescription, 'weightsHash' | 'dtype'>;

const modelConfigSchema = z.looseObject({
  hidden_size: z.int().min(1),
  model_type: z.string(),
  max_position_embeddings: z.int().min(3).optional(),
  pad_token_id: z.int().nullish(),
  _name_or_path: z.string().optional(),
});

const modulesSchema = z.array(z.looseObject({ path: z.string(), type: z.string() }));
const poolingSchema = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
});
const sentenceSchema = z.looseObject({ max_seq_length: z.int().min(1).nullish() });
const promptsSchema = z.looseObject({
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
});

/**
 * `ssp-encoder.json`: what `ssp encoder export` and downloads write beside a model, so that its
 * description does not hang on the folder's name. What it says wins over the other files.
 */
const statedSchema = encoderDescriptionSchema.omit({ weightsHash: true, dtype: true }).partial();
export const statedFile = 'ssp-encoder.json';

/** True for the models of the e5 family by their usual names: `e5-small-v2`, `tiny-e5`. */
function isE5(name: string): boolean {
  return /(^|[^a-z0-9])e5($|[^a-z0-9])/i.test(name);
}

/**
 * What holds for a model of this name where no file says otherwise: for e5 the prefixes of Wang et
 * al. 2022, and at most 256 tokens of a query and 512 of a passage.
 */
export function defaultRules(
  name: string,
  maxTokens: number,
): Omit<FolderDescription, 'name' | 'dimension' | 'pooling' | 'normalize'> {
  const followsE5 = isE5(name);
  return {
    queryPrefix: followsE5 ? 'query: ' : '',
    passagePrefix: followsE5 ? 'passage: ' : '',
    titleSeparator: '\n',
    queryMaxTokens: followsE5 ? Math.min(maxTokens, 256) : maxTokens,
    passageMaxTokens: followsE5 ? Math.min(maxTokens, 512) : maxTokens,
  };
}

/**
 * Reads prefixes, pooling, normalisation and length limits from a model folder: from its
 * sentence-transformers files where it has them, else the rules of e5 for an e5 model, else mean
 * pooling with L2 and no prefixes. Throws SSP_FILE_NOT_FOUND, SSP_FILE_INVALID and, for pooling or
 * modules that are not carried out here, SSP_ENCODER_UNSUPPORTED.
 */
export async function describeFolder(path: string, name: string): Promise<FolderDescription> {
  const file = join(path, 'config.json');
  const config = await readJsonFile(file, 'model configuration', modelConfigSchema);
  const stated = await readOptional(join(path, statedFile), statedSchema);
  const original = basename(config._name_or_path ?? '');
  const ruling = isE5(original) ? original : (stated?.name ?? name);
  return {
    name,
    dimension: config.hidden_size,
    ...(await readPooling(path)),
    ...defaultRules(ruling, await readMaxTokens(path, positionsOf(config))),
    ...(await readPrompts(path)),
    ...defined(stated ?? {}),
  };
}

/** The name of a folder for descriptions: its last part. */
export function folderName(path: string): string {
  return basename(resolve(path));
}

/** Tokens that have a position. RoBERTa's positions start after the padding token's id. */
function positionsOf(config: z.output<typeof modelConfigSchema>): number {
  const positions = config.max_position_embeddings ?? 512;
  const isRoberta = /roberta|camembert/.test(config.model_type);
  return isRoberta ? positions - (config.pad_token_id ?? 1) - 1 : positions;
}

async function readPooling(
  path: string,
): Promise<Pick<EncoderDescription, 'pooling' | 'normalize'>> {
  const modules = await readOptional(join(path, 'modules.json'), modulesSchema);
  if (modules === undefined) return { pooling: 'mean', normalize: true };
  let pooling: EncoderDescription['pooling'] = 'mean';
  let normalize = false;
  for (const { type, path: modulePath } of modules) {
    const kind = type.split('.').at(-1) ?? type;
    if (kind === 'Normalize') normalize = true;
    else if (kind === 'Pooling') pooling = await readPoolingMode(path, modulePath);
    else if (kind !== 'Transformer') throw unsupported(path, `it ends in a ${kind} module`);
  }
  return { pooling, normalize };
}

async function readPoolingMode(
  path: string,
  modulePath: string,
): Promise<EncoderDescription['pooling']> {
  const file = join(path, modulePath, 'config.json');
  const config = await readJsonFile(file, 'pooling configuration', poolingSchema);
  const legacy = Object.keys(config)
    .filter((key) => key.startsWith('pooling_mode_') && config[key] === true)
    .map((key) => key.replace(/^pooling_mode_/, '').replace(/_tokens?$/, ''));
  const modes = config.pooling_mode === undefined ? legacy : [config.pooling_mode].flat();
  const [mode = 'mean', ...others] = modes;
  if ((mode === 'mean' || mode === 'cls') && others.length === 0) return mode;
  throw unsupported(path, `it pools by ${modes.join(' and ')}; mean and cls are carried out here`);
}

async function readPrompts(
  path: string,
): Promise<Partial<Pick<EncoderDescription, 'queryPrefix' | 'passagePrefix'>>> {
  const file = join(path, 'config_sentence_transformers.json');
  const prompts = (await readOptional(file, promptsSchema))?.prompts ?? {};
  // An empty prompt is what sentence-transformers writes where nobody has set one.
  const query = prompts['query'];
  const passage = prompts['passage'] ?? prompts['document'];
  return {
    ...(query ? { queryPrefix: query } : {}),
    ...(passage ? { passagePrefix: passage } : {}),
  };
}

async function readMaxTokens(path: string, positions: number): Promise<number> {
  const sentence = await readOptional(join(path, 'sentence_bert_config.json'), sentenceSchema);
  return Math.min(sentence?.max_seq_length ?? positions, positions);
}

async function readOptional<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    return await readJsonFile(file, 'sentence-transformers file', schema);
  } catch (error) {
    if (isSspError(error, 'SSP_FILE_NOT_FOUND')) return undefined;
    throw error;
  }
}

function unsupported(path: string, problem: string): SspError {
  return new SspError('SSP_ENCODER_UNSUPPORTED', { path, problem });
}

/** Without the keys whose value is undefined. */
function defined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Value]: NonNullable<Value[Key]> };
}
