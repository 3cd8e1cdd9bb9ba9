import { join } from 'node:path';

import * as library from '@huggingface/tokenizers';

import { messageOf, SspError } from '../errors/error.ts';
import type { SpecialTokens } from './tokenizer-files.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';

/** Text to token ids and back, as the model's own tokenizer has it. */
export interface Tokenizer {
  /** Tokens that have an id, added tokens included. The model may have logits for more ids. */
  readonly vocabularySize: number;
  /** Named special tokens by the names that templates use: `bos_token`, `eos_token`, `pad_token`. */
  readonly specialTokens: SpecialTokens;
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

/**
 * Opens the tokenizer of a model folder. tokenizer.json says which ids a text gets; which tokens are
 * special stands in the files beside it. Throws SSP_FILE_NOT_FOUND, SSP_FILE_INVALID,
 * SSP_TOKENIZER_UNSUPPORTED for another kind than byte-level BPE, and SSP_TOKENIZER_CONTRADICTORY.
 */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const { json, specialTokens, allSpecial } = await readTokenizerFiles(folder);
  try {
    return new ByteLevelTokenizer(loadTokenizer(json, allSpecial), specialTokens);
  } catch (error) {
    const path = join(folder, 'tokenizer.json');
    throw new SspError('SSP_TOKENIZER_UNSUPPORTED', { path, problem: messageOf(error) });
  }
}

class ByteLevelTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly specialTokens: Tokenizer['specialTokens'];
  readonly addedTokens: ReadonlyMap<string, number>;
  readonly #inner: LibraryTokenizer;

  constructor(inner: LibraryTokenizer, specialTokens: Tokenizer['specialTokens']) {
    this.#inner = inner;
    this.specialTokens = specialTokens;
    this.vocabularySize = inner.get_vocab().size;
    this.addedTokens = new Map(
      [...inner.get_added_tokens_decoder()].map(([id, { content }]) => [content, id]),
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

/**
 * A tokenizer from the content of tokenizer.json; throws any error. The library is not shown
 * tokenizer_config.json: it would read `remove_space` and the like, which Python does not.
 */
function loadTokenizer(json: object, special: readonly string[]): LibraryTokenizer {
  const { Tokenizer } = library as unknown as {
    Tokenizer: new (json: object, config: object) => LibraryTokenizer;
  };
  return new Tokenizer(json, { additional_special_tokens: special });
}
