import { basename, join, resolve } from 'node:path';

import { z } from 'zod';

import { readJsonFile } from '../storage/json-files.ts';
import type { EncoderDescription } from '../types/encoder.ts';
import { encoderDescriptionSchema } from '../types/encoder.ts';
import { readTokenizerFacts } from './encoder-tokenizer.ts';
import { readOptional, readSentenceFiles, unsupported } from './sentence-files.ts';

/** What a folder says about its encoder; the weights' hash is added when they are loaded. */
export type FolderDescription = Omit<EncoderDescription, 'weightsHash' | 'dtype'>;

const modelConfigSchema = z.looseObject({
  hidden_size: z.int().min(1),
  model_type: z.string(),
  max_position_embeddings: z.int().min(3).optional(),
  pad_token_id: z.int().nullish(),
  _name_or_path: z.string().optional(),
});

/**
 * `ssp-encoder.json`: what `ssp encoder export` and downloads write beside a model, so that its
 * description does not hang on the folder's name. What it says wins over the other files.
 */
const statedSchema = encoderDescriptionSchema
  .omit({ weightsHash: true, dtype: true, quotedTitles: true })
  .partial();
export const statedFile = 'ssp-encoder.json';

/** True for the models of the e5 family by their usual names: `e5-small-v2`, `tiny-e5`. */
function isE5(name: string): boolean {
  return /(^|[^a-z0-9])e5($|[^a-z0-9])/i.test(name);
}

/** The task that the instruct models of e5 are given for search (Wang et al. 2024, arXiv 2402.05672). */
const instruction =
  'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ';

/**
 * What holds for a model of this name where no file says otherwise: for e5 the prefixes of Wang et
 * al. 2022, and at most 256 tokens of a query and 512 of a passage; for its instruct models an
 * instruction before queries, and nothing before passages.
 */
export function defaultRules(
  name: string,
  maxTokens: number,
): Omit<FolderDescription, 'name' | 'dimension' | 'pooling' | 'normalize'> {
  const followsE5 = isE5(name);
  const isInstruct = followsE5 && /instruct/i.test(name);
  const isPlainE5 = followsE5 && !isInstruct;
  return {
    queryPrefix: isInstruct ? instruction : isPlainE5 ? 'query: ' : '',
    passagePrefix: isPlainE5 ? 'passage: ' : '',
    titleSeparator: '\n',
    queryMaxTokens: isPlainE5 ? Math.min(maxTokens, 256) : maxTokens,
    passageMaxTokens: followsE5 ? Math.min(maxTokens, 512) : maxTokens,
  };
}

/**
 * Reads prefixes, pooling, normalisation and length limits from a model folder: from its
 * sentence-transformers files where it has them, else the rules of e5 for an e5 model, else mean
 * pooling with L2 and no prefixes. Throws SSP_FILE_NOT_FOUND, SSP_FILE_INVALID and, for what is not
 * carried out here, SSP_ENCODER_UNSUPPORTED.
 */
export async function describeFolder(path: string, name: string): Promise<FolderDescription> {
  const file = join(path, 'config.json');
  const config = await readJsonFile(file, 'model configuration', modelConfigSchema);
  const stated = (await readOptional(join(path, statedFile), statedSchema)) ?? {};
  const original = basename(config._name_or_path ?? '');
  const ruling = isE5(original) ? original : (stated.name ?? name);
  const dimension = config.hidden_size;
  const statesPrefixes = stated.queryPrefix !== undefined && stated.passagePrefix !== undefined;
  const sentence = await readSentenceFiles(path, { dimension, statesPrefixes });
  const tokenizer = await readTokenizerFacts(path);
  if (sentence.lowercase && tokenizer.ignoresCase === false) {
    const file = 'sentence_bert_config.json';
    throw unsupported(path, `${file} has do_lower_case true, its tokenizer keeps capitals`);
  }
  const maxTokens = sentence.maxTokens ?? tokenizer.maxTokens ?? Infinity;
  return {
    name,
    dimension,
    ...defaultRules(ruling, Math.min(maxTokens, positionsOf(config))),
    ...sentence.description,
    ...defined(stated),
  };
}

/** What an encoder does with texts, in words for whoever chose it. */
export function describeInWords(description: FolderDescription): string {
  const { name, pooling, normalize, queryPrefix, passagePrefix } = description;
  const prefix = (text: string): string =>
    text === '' ? 'as they are' : `after ${JSON.stringify(text)}`;
  const vectors = normalize ? 'unit vectors' : 'vectors as they are';
  return (
    `The encoder ${name}: ${pooling} pooling, ${vectors}; queries ${prefix(queryPrefix)}, ` +
    `passages ${prefix(passagePrefix)}; at most ${description.queryMaxTokens} and ` +
    `${description.passageMaxTokens} tokens.`
  );
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

/** Without the keys whose value is undefined. */
function defined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Value]: NonNullable<Value[Key]> };
}
