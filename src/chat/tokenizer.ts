import { join } from 'node:path';

import * as library from '@huggingface/tokenizers';
import { z } from 'zod';

import { messageOf, SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';

/** Text to token ids and back, as the model's own tokenizer has it. */
export interface Tokenizer {
  /** Tokens that have an id, added tokens included. The model may have logits for more ids. */
  readonly vocabularySize: number;
  /** Named special tokens by the names that templates use: `bos_token`, `eos_token`, `pad_token`. */
  readonly specialTokens: Readonly<Partial<Record<SpecialTokenName, string>>>;
  /** Ids of the tokens outside the vocabulary: control tokens, and tags such as `<think>`. */
  readonly addedTokens: ReadonlyMap<string, number>;
  /** Ids of the text; none for the empty text. */
  encode(text: string, options?: EncodeOptions): number[];
  /**
   * Text of the ids, byte for byte: spaces are not tidied. Bytes that are no UTF-8 become U+FFFD,
   * ids without a token become nothing, no ids become the empty text.
   */
  decode(ids: readonly number[], options?: DecodeOptions): string;
}

interface EncodeOptions {
  /** Puts the tokens around it that the model wants around a document, such as Llama's first. */
  readonly addSpecialTokens?: boolean;
  /**
   * Reads the text as plain characters: `<|im_end|>` or `<think>` in it becomes ordinary tokens,
   * never the added token of that name. For text that others wrote, such as passages.
   */
  readonly plainText?: boolean;
}

interface DecodeOptions {
  /** Leaves the special tokens out; tags such as `<think>` are not special and stay. */
  readonly skipSpecialTokens?: boolean;
}

const specialTokenNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;
type SpecialTokenName = (typeof specialTokenNames)[number];

const namedTokenSchema = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();

const configSchema = z.looseObject(
  Object.fromEntries(specialTokenNames.map((name) => [name, namedTokenSchema])) as Record<
    SpecialTokenName,
    typeof namedTokenSchema
  >,
);

// The families that are trained here all have byte-level BPE; only that is checked against Python.
const tokenizerSchema = z.looseObject({
  model: z.looseObject({ type: z.literal('BPE') }),
  decoder: z.looseObject({ type: z.literal('ByteLevel') }),
  added_tokens: z.array(z.looseObject({ id: z.int().min(0), content: z.string().min(1) })),
});

/**
 * Opens the tokenizer of a model folder: tokenizer.json and tokenizer_config.json. Throws
 * SSP_FILE_NOT_FOUND, SSP_FILE_INVALID, and SSP_TOKENIZER_UNSUPPORTED for another kind than
 * byte-level BPE.
 */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const path = join(folder, 'tokenizer.json');
  const json = await readJsonFile(path, 'tokenizer', z.looseObject({}));
  const kind = tokenizerSchema.safeParse(json);
  if (!kind.success) {
    throw new SspError('SSP_TOKENIZER_UNSUPPORTED', {
      path,
      problem: 'it is no byte-level BPE tokenizer with added_tokens.',
    });
  }
  const configPath = join(folder, 'tokenizer_config.json');
  const config = await readJsonFile(configPath, 'tokenizer configuration', configSchema);
  try {
    return new ByteLevelTokenizer(loadTokenizer(json, config), config);
  } catch (error) {
    throw new SspError('SSP_TOKENIZER_UNSUPPORTED', { path, problem: messageOf(error) });
  }
}

class ByteLevelTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly specialTokens: Tokenizer['specialTokens'];
  readonly addedTokens: ReadonlyMap<string, number>;
  readonly #inner: LibraryTokenizer;

  constructor(inner: LibraryTokenizer, config: z.output<typeof configSchema>) {
    this.#inner = inner;
    this.vocabularySize = inner.get_vocab().size;
    this.addedTokens = new Map(
      [...inner.get_added_tokens_decoder()].map(([id, { content }]) => [content, id]),
    );
    this.specialTokens = Object.fromEntries(
      specialTokenNames.flatMap((name) => {
        const token = config[name];
        return token === undefined || token === null ? [] : [[name, token]];
      }),
    );
  }

  encode(
    text: string,
    { addSpecialTokens = false, plainText = false }: EncodeOptions = {},
  ): number[] {
    const inner = this.#inner;
    if (!plainText) return inner.encode(text, { add_special_tokens: addSpecialTokens }).ids;
    const words = this.#words(text);
    const tokens = inner.model?.(words) ?? words;
    const around = addSpecialTokens ? inner.post_processor?.(tokens, null, true).tokens : undefined;
    return (around ?? tokens).flatMap((token) => inner.token_to_id(token) ?? []);
  }

  /** The words that byte pairs are merged in, without a search for added tokens before. */
  #words(text: string): string[] {
    const { normalizer, pre_tokenizer: splitter } = this.#inner;
    const normalized = normalizer?.(text) ?? text;
    return splitter?.(normalized) ?? [normalized];
  }

  decode(ids: readonly number[], { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const known = ids.filter((id) => this.#inner.id_to_token(id) !== undefined);
    if (known.length === 0) return '';
    return this.#inner.decode(known, {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: false,
    });
  }
}

/**
 * What is used of `@huggingface/tokenizers`. Its own declarations import one another without file
 * endings, which Node's module resolution does not follow.
 */
interface LibraryTokenizer {
  readonly normalizer: ((text: string) => string) | null;
  readonly pre_tokenizer: ((text: string) => string[]) | null;
  readonly model: ((words: string[]) => string[]) | null;
  readonly post_processor:
    ((tokens: string[], pair: null, addSpecialTokens: boolean) => { tokens: string[] }) | null;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(
    ids: number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_added_tokens_decoder(): Map<number, { readonly content: string }>;
  get_vocab(): Map<string, number>;
}

/** A tokenizer from the contents of tokenizer.json and tokenizer_config.json; throws any error. */
function loadTokenizer(json: object, config: object): LibraryTokenizer {
  const { Tokenizer } = library as unknown as {
    Tokenizer: new (json: object, config: object) => LibraryTokenizer;
  };
  return new Tokenizer(json, config);
}
