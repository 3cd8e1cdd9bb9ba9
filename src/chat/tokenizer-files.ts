import { join } from 'node:path';

import { z } from 'zod';

import { isSspError, SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';

// The same rule as in services/policy/ssp_policy/model/tokenizer.py.

const specialTokenNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

/** Special tokens by the names that templates use. */
export type SpecialTokens = Readonly<Partial<Record<(typeof specialTokenNames)[number], string>>>;

/** What a model folder says of its tokenizer. */
interface TokenizerFiles {
  /** The content of tokenizer.json: which ids a text gets. */
  readonly json: object;
  readonly specialTokens: SpecialTokens;
  /** These, and the others that the files beside tokenizer.json call special. */
  readonly allSpecial: readonly string[];
}

/** They would change the text before it is encoded; tokenizer.json has its own way to say so. */
const changingFields = [
  'do_lower_case',
  'do_lowercase_and_remove_accent',
  'remove_space',
  'split_special_tokens',
  'strip_accents',
];
const flags = ['lstrip', 'rstrip', 'single_word', 'special'] as const;

const flagsSchema = Object.fromEntries(
  flags.map((flag) => [flag, z.boolean().default(false)]),
) as Record<(typeof flags)[number], z.ZodDefault<z.ZodBoolean>>;
const tokenSchema = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
]);
const moreTokensSchema = z
  .union([z.array(tokenSchema), z.record(z.string(), tokenSchema).transform(Object.values)])
  .nullish()
  .transform((tokens): string[] => (tokens as string[] | null | undefined) ?? []);
const namedTokens = Object.fromEntries(
  specialTokenNames.map((name) => [name, tokenSchema.nullish()]),
) as Record<(typeof specialTokenNames)[number], z.ZodOptional<z.ZodNullable<typeof tokenSchema>>>;
const mapSchema = z.looseObject({
  ...namedTokens,
  additional_special_tokens: moreTokensSchema,
  extra_special_tokens: moreTokensSchema,
});
const configSchema = mapSchema.extend({
  added_tokens_decoder: z
    .record(z.string(), z.looseObject({ content: z.string(), ...flagsSchema }))
    .optional(),
});
/** A folder without tokenizer_config.json calls no token special there. */
const noConfig = configSchema.parse({});
type TokensTable = z.output<typeof mapSchema>;

// The families that are trained here all have byte-level BPE; only that is checked against Python.
const tokenizerSchema = z.looseObject({
  model: z.looseObject({
    type: z.literal('BPE'),
    vocab: z.record(z.string(), z.int().min(0)),
    dropout: z.number().nullish(),
  }),
  decoder: z.looseObject({ type: z.literal('ByteLevel') }),
  added_tokens: z.array(
    z.looseObject({ id: z.int().min(0), content: z.string().min(1), ...flagsSchema }),
  ),
});
type TokenizerJson = z.output<typeof tokenizerSchema>;
const typed = z.looseObject({ type: z.unknown() }).nullish();
const kindSchema = z.looseObject({ model: typed, decoder: typed });
const wideFlags = ['lstrip', 'rstrip', 'single_word'] as const;

/**
 * Reads tokenizer.json and, where they are there, tokenizer_config.json and, where that lists no added
 * tokens, special_tokens_map.json. Throws SSP_FILE_NOT_FOUND, SSP_FILE_INVALID, SSP_TOKENIZER_UNSUPPORTED for
 * another kind than byte-level BPE, and SSP_TOKENIZER_CONTRADICTORY naming file, field and value.
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const path = join(folder, 'tokenizer.json');
  const json = await readJsonFile(path, 'tokenizer', z.looseObject({}));
  const tokenizer = parseTokenizer(path, json);
  const file = 'tokenizer_config.json';
  const config = (await readTable(join(folder, file), configSchema)) ?? noConfig;
  const map =
    config.added_tokens_decoder === undefined
      ? await readTable(join(folder, 'special_tokens_map.json'), mapSchema)
      : undefined;
  const problem =
    changeProblem(config) ??
    addedTokenProblem(config, tokenizer) ??
    specialTokenProblem(file, config, tokenizer) ??
    (map && specialTokenProblem('special_tokens_map.json', map, tokenizer));
  if (problem !== undefined) {
    throw new SspError('SSP_TOKENIZER_CONTRADICTORY', { path: folder, problem });
  }
  const specialTokens = { ...named(config), ...(map && named(map)) };
  const more = [config, map].flatMap((table) => table?.additional_special_tokens ?? []);
  const extra = [config, map].flatMap((table) => table?.extra_special_tokens ?? []);
  return { json, specialTokens, allSpecial: [...Object.values(specialTokens), ...more, ...extra] };
}

function parseTokenizer(path: string, json: unknown): TokenizerJson {
  const unsupported = (problem: string): SspError =>
    new SspError('SSP_TOKENIZER_UNSUPPORTED', { path, problem });
  const kind = kindSchema.safeParse(json).data;
  const [type, decoder] = [kind?.model?.type, kind?.decoder?.type];
  if (type !== 'BPE') throw unsupported(kindProblem('model.type', type));
  if (decoder !== 'ByteLevel') throw unsupported(kindProblem('decoder.type', decoder));
  const { data, success, error } = tokenizerSchema.safeParse(json);
  if (!success) {
    const [issue] = error.issues;
    throw unsupported(`${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'damaged'}.`);
  }
  const { dropout } = data.model;
  if (dropout) throw unsupported(`it has model.dropout ${dropout}: ids would be drawn.`);
  for (const token of data.added_tokens) {
    const flag = wideFlags.find((name) => token[name]);
    if (flag === undefined) continue;
    const which = `${flag} true of its added token ${token.content}`;
    throw unsupported(`it has ${which}, which then looks at the text beside it.`);
  }
  return data;
}

function kindProblem(field: string, found: unknown): string {
  const said = JSON.stringify(found ?? null);
  return `it has ${field} ${said}, only byte-level BPE is trained here.`;
}

/** A file beside tokenizer.json; undefined where there is none. */
async function readTable<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    return await readJsonFile(path, 'table of the tokenizer', schema);
  } catch (error) {
    if (isSspError(error, 'SSP_FILE_NOT_FOUND')) return undefined;
    throw error;
  }
}

function changeProblem(config: z.output<typeof configSchema>): string | undefined {
  const field = changingFields.find((name) => Boolean(config[name]));
  if (field === undefined) return undefined;
  const said = JSON.stringify(config[field]);
  return `tokenizer_config.json has ${field} ${said}, tokenizer.json does no such thing`;
}

/** Compares the added tokens that tokenizer_config.json lists with those of tokenizer.json. */
function addedTokenProblem(
  { added_tokens_decoder: listed = {} }: z.output<typeof configSchema>,
  tokenizer: TokenizerJson,
): string | undefined {
  const added = new Map(tokenizer.added_tokens.map((token) => [token.content, token]));
  const { vocab } = tokenizer.model;
  const vocabularyId = (token: string): number | undefined =>
    Object.hasOwn(vocab, token) ? vocab[token] : undefined;
  for (const [id, { content, ...said }] of Object.entries(listed)) {
    const own = added.get(content);
    const ownId = own?.id ?? vocabularyId(content);
    if (String(ownId) !== id) {
      return `tokenizer_config.json gives ${content} the id ${id}, tokenizer.json has ${ownId ?? 'none'}`;
    }
    const flag = flags.find((name) => said[name] !== (own?.[name] ?? false));
    if (flag !== undefined) {
      const which = `${flag} ${said[flag]} of ${content}, tokenizer.json says ${!said[flag]}`;
      return `tokenizer_config.json says ${which}`;
    }
  }
  return undefined;
}

function specialTokenProblem(
  file: string,
  table: TokensTable,
  tokenizer: TokenizerJson,
): string | undefined {
  const known = new Set(tokenizer.added_tokens.map(({ content }) => content));
  const isKnown = (token: string): boolean =>
    known.has(token) || Object.hasOwn(tokenizer.model.vocab, token);
  const more = ['additional_special_tokens', 'extra_special_tokens'] as const;
  const said = [
    ...Object.entries(named(table)),
    ...more.flatMap((field) => table[field].map((token): [string, string] => [field, token])),
  ];
  const strange = said.find(([, token]) => !isKnown(token));
  return strange && `${file} has ${strange.join(' ')}, unknown to tokenizer.json`;
}

function named(table: TokensTable): SpecialTokens {
  return Object.fromEntries(
    specialTokenNames.flatMap((name) => {
      const token = table[name];
      return token === undefined || token === null ? [] : [[name, token]];
    }),
  );
}
