import * as library from '@huggingface/tokenizers';

/**
 * What is used of `@huggingface/tokenizers`. Its own declarations import one another without file
 * endings, which Node's module resolution does not follow.
 */
export interface LibraryTokenizer {
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
export function loadTokenizer(json: object, config: object): LibraryTokenizer {
  const { Tokenizer } = library as unknown as {
    Tokenizer: new (json: object, config: object) => LibraryTokenizer;
  };
  return new Tokenizer(json, config);
}
