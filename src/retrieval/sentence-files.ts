import { join } from 'node:path';

import { z } from 'zod';

import { isSspError, SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';
import type { EncoderDescription } from '../types/encoder.ts';

// The files that sentence-transformers writes beside a model, as its version 5 reads them.

const modulesSchema = z.array(z.looseObject({ path: z.string(), type: z.string() }));
const poolingSchema = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
  word_embedding_dimension: z.int().optional(),
  embedding_dimension: z.int().optional(),
  /** False leaves the tokens of the prompt out of the mean. */
  include_prompt: z.boolean().default(true),
});
const sentenceSchema = z.looseObject({
  max_seq_length: z.int().min(1).nullish(),
  do_lower_case: z.boolean().nullish(),
});
const configSchema = z.looseObject({
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
  default_prompt_name: z.string().nullish(),
  similarity_fn_name: z.string().nullish(),
  truncate_dim: z.int().nullish(),
});

/** Names that models give to the prompts of search, the usual one first. */
const queryNames = [
  ...['query', 'search_query', 'retrieval.query', 'retrieval_query', 'retrieval-query'],
  ...['web_search_query', 's2p_query'],
];
const passageNames = [
  ...['passage', 'document', 'search_document', 'retrieval.passage', 'retrieval.document'],
  ...['retrieval_passage', 'retrieval_document', 'retrieval-document', 'corpus'],
];

/** Prefixes are there only where the folder gives some. */
type Prefixes = Partial<Pick<EncoderDescription, 'queryPrefix' | 'passagePrefix'>>;

/** What the files say of the way from token vectors to the vector of a text. */
interface SentenceRules {
  readonly description: Pick<EncoderDescription, 'pooling' | 'normalize'> & Prefixes;
  /** Undefined where the folder does not limit them. */
  readonly maxTokens: number | undefined;
  /** Texts are put into lower case, whatever the tokenizer does. */
  readonly lowercase: boolean;
}

/** What is known of the model and of what `ssp-encoder.json` says. */
interface Given {
  readonly dimension: number;
  /** Both prefixes are stated, so the names of the prompts need not be understood. */
  readonly statesPrefixes: boolean;
}

/**
 * Reads modules.json and what belongs to it; a folder without it has mean pooling and L2. Throws
 * SSP_FILE_INVALID, and SSP_ENCODER_UNSUPPORTED for what is not carried out here: it names the file and
 * the value.
 */
export async function readSentenceFiles(path: string, given: Given): Promise<SentenceRules> {
  const sentence = await readOptional(join(path, 'sentence_bert_config.json'), sentenceSchema);
  const config = await readOptional(join(path, 'config_sentence_transformers.json'), configSchema);
  const prefixes = given.statesPrefixes ? {} : readPrompts(path, config ?? {});
  const { normalize, includesPrompt, ...pooled } = await readModules(path, given.dimension);
  if (!includesPrompt && Object.values(prefixes).some((prefix) => prefix !== '')) {
    throw unsupported(path, 'its pooling leaves out the prompt (include_prompt is false)');
  }
  requireWholeVectors(path, config?.truncate_dim, given.dimension);
  const isNormalized = normalize || normalizes(path, config?.similarity_fn_name);
  return {
    description: { ...pooled, ...prefixes, normalize: isNormalized },
    maxTokens: sentence?.max_seq_length ?? undefined,
    lowercase: sentence?.do_lower_case === true,
  };
}

/** Reads a file that need not be there. Throws SSP_FILE_INVALID. */
export async function readOptional<Schema extends z.ZodType>(
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

export function unsupported(path: string, problem: string): SspError {
  return new SspError('SSP_ENCODER_UNSUPPORTED', { path, problem });
}

interface Pooled extends Pick<EncoderDescription, 'pooling' | 'normalize'> {
  readonly includesPrompt: boolean;
}

/** The modules one after the other: Transformer, Pooling and maybe Normalize. */
async function readModules(path: string, dimension: number): Promise<Pooled> {
  const modules = await readOptional(join(path, 'modules.json'), modulesSchema);
  if (modules === undefined) return { pooling: 'mean', normalize: true, includesPrompt: true };
  const kinds = modules.map(({ type }) => type.split('.').at(-1) ?? type);
  const expected = ['Transformer', 'Pooling', 'Normalize'];
  const strange = kinds.find((kind, i) => kind !== expected[i]);
  const [transformer, pooling] = modules;
  if (strange !== undefined || transformer === undefined || pooling === undefined) {
    const order = `its modules.json says ${kinds.join(', ') || 'nothing'}`;
    const odd = strange === undefined ? '' : `, where the ${strange} module is not carried out`;
    throw unsupported(path, `${order}${odd}; Transformer, Pooling and Normalize are`);
  }
  if (transformer.path !== '') {
    throw unsupported(path, `its Transformer lies in the folder ${transformer.path}`);
  }
  const pooled = await readPooling(path, pooling.path, dimension);
  return { ...pooled, normalize: kinds.includes('Normalize') };
}

async function readPooling(
  path: string,
  modulePath: string,
  dimension: number,
): Promise<Omit<Pooled, 'normalize'>> {
  const file = join(path, modulePath, 'config.json');
  const config = await readJsonFile(file, 'pooling configuration', poolingSchema);
  const legacy = Object.keys(config)
    .filter((key) => key.startsWith('pooling_mode_') && config[key] === true)
    .map((key) => key.replace(/^pooling_mode_/, '').replace(/_tokens?$/, ''));
  const modes = config.pooling_mode === undefined ? legacy : [config.pooling_mode].flat();
  const [mode, ...others] = modes;
  if ((mode !== 'mean' && mode !== 'cls') || others.length > 0) {
    const found = modes.join(' and ') || 'nothing';
    throw unsupported(path, `it pools by ${found}; mean and cls are carried out here`);
  }
  const size = config.word_embedding_dimension ?? config.embedding_dimension ?? dimension;
  if (size !== dimension) {
    const problem = `its pooling is of ${size} dimensions, config.json has hidden_size ${dimension}`;
    throw unsupported(path, problem);
  }
  return { pooling: mode, includesPrompt: config.include_prompt };
}

/** The prompts of queries and passages, by the names that are known for them. */
function readPrompts(
  path: string,
  { prompts, default_prompt_name: standard }: z.output<typeof configSchema>,
): Prefixes {
  const given = new Map(Object.entries(prompts ?? {}));
  const known = [...queryNames, ...passageNames].some((name) => given.has(name));
  if (typeof standard === 'string' && !given.has(standard)) {
    throw unsupported(
      path,
      `its default_prompt_name is ${standard}, which its prompts do not have`,
    );
  }
  const named = [...given].filter(([, text]) => Boolean(text)).map(([name]) => name);
  if (named.length > 0 && !known && typeof standard !== 'string') {
    throw unsupported(
      path,
      `its prompts are named ${named.join(', ')}, and which of them queries and passages want is not ` +
        'known; say it in ssp-encoder.json of the folder: {"queryPrefix": "...", "passagePrefix": "..."}',
    );
  }
  // An empty prompt is what sentence-transformers writes where nobody has set one.
  const text = (names: readonly string[]): string | undefined =>
    names.map((name) => given.get(name)).find(Boolean) ??
    (names.some((name) => given.has(name)) ? undefined : given.get(standard ?? '')) ??
    undefined;
  const [query, passage] = [text(queryNames), text(passageNames)];
  return {
    ...(query ? { queryPrefix: query } : {}),
    ...(passage ? { passagePrefix: passage } : {}),
  };
}

/** Vectors are compared by their dot product, which is the cosine of unit vectors. */
function normalizes(path: string, similarity: string | null | undefined): boolean {
  if (similarity === 'cosine') return true;
  if (similarity === undefined || similarity === null || similarity === 'dot') return false;
  throw unsupported(
    path,
    `its similarity_fn_name is ${similarity}; cosine and dot are carried out`,
  );
}

function requireWholeVectors(
  path: string,
  truncated: number | null | undefined,
  dimension: number,
): void {
  if (typeof truncated !== 'number' || truncated === dimension) return;
  throw unsupported(path, `its truncate_dim is ${truncated}, shorter vectors are not carried out`);
}
