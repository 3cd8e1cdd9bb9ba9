import { join } from 'node:path';

import { z } from 'zod';

import { readOptional, unsupported } from './sentence-files.ts';

const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const flagSchema = z.boolean().nullish();
type Flag = z.output<typeof flagSchema>;
const configSchema = z.looseObject({
  do_lower_case: flagSchema,
  strip_accents: flagSchema,
  tokenize_chinese_chars: flagSchema,
  model_max_length: z.number().nullish(),
  pad_token: tokenSchema,
});

// Only what is compared; a fragment without it is no tokenizer, which the loading itself tells.
const tokenizerSchema = z.looseObject({
  normalizer: z
    .looseObject({
      type: z.string().optional(),
      strip_accents: flagSchema,
      handle_chinese_chars: flagSchema,
    })
    .nullish(),
  added_tokens: z.array(z.looseObject({ content: z.string() })).optional(),
  model: z
    .looseObject({ vocab: z.union([z.record(z.string(), z.number()), z.array(z.unknown())]) })
    .optional(),
});

/** What an encoder's tokenizer says of itself. */
export interface TokenizerFacts {
  /** Tokens of a text, special ones included; undefined where it does not say. */
  readonly maxTokens: number | undefined;
  /** Capitals and small letters are the same to it; undefined without tokenizer.json. */
  readonly ignoresCase: boolean | undefined;
}

/**
 * Reads tokenizer.json, whose rules hold here, beside tokenizer_config.json, whose rules Python puts
 * into their place. Either may be missing in a folder that is still to be exported. Throws
 * SSP_FILE_INVALID, and SSP_ENCODER_UNSUPPORTED naming field and value where the two differ.
 */
export async function readTokenizerFacts(path: string): Promise<TokenizerFacts> {
  const tokenizer = await readOptional(join(path, 'tokenizer.json'), tokenizerSchema);
  const config = (await readOptional(join(path, 'tokenizer_config.json'), configSchema)) ?? {};
  const most = config.model_max_length ?? Infinity;
  // Where nobody has set it, transformers writes 1e30.
  const maxTokens = most >= 1 && most < 1e9 ? most : undefined;
  if (tokenizer === undefined) return { maxTokens, ignoresCase: undefined };
  const normalizer = tokenizer.normalizer ?? {};
  const ignoresCase = /"Lowercase"|"lowercase":true/.test(JSON.stringify(normalizer));
  requireSame(path, 'do_lower_case', config.do_lower_case, ignoresCase);
  if (normalizer.type === 'BertNormalizer') {
    requireSame(path, 'strip_accents', config.strip_accents, normalizer.strip_accents ?? null);
    const splits = normalizer.handle_chinese_chars ?? true;
    requireSame(path, 'tokenize_chinese_chars', config.tokenize_chinese_chars, splits);
  }
  requirePad(path, config.pad_token, tokenizer);
  return { maxTokens, ignoresCase };
}

function requireSame(path: string, field: string, said: Flag, does: Flag): void {
  if (said === undefined || said === does) return;
  const problem = `tokenizer_config.json has ${field} ${said}, tokenizer.json ${does}`;
  throw unsupported(path, problem);
}

function requirePad(
  path: string,
  pad: z.output<typeof tokenSchema>,
  { added_tokens: added = [], model }: z.output<typeof tokenizerSchema>,
): void {
  const content = typeof pad === 'string' ? pad : pad?.content;
  const vocabulary = model?.vocab;
  if (content === undefined || vocabulary === undefined) return;
  const isKnown =
    added.some((token) => token.content === content) ||
    (Array.isArray(vocabulary)
      ? vocabulary.some((row) => Array.isArray(row) && row[0] === content)
      : Object.hasOwn(vocabulary, content));
  if (isKnown) return;
  throw unsupported(
    path,
    `tokenizer_config.json has pad_token ${content}, unknown to tokenizer.json`,
  );
}
