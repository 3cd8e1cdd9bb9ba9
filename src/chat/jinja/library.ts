import * as library from '@huggingface/jinja';

/** A piece of a template: `value` as it is written, `type` by the library's names. */
export interface Token {
  readonly value: string;
  readonly type: string;
}

/**
 * What is used of `@huggingface/jinja`: its lexer within tags and its parser. Its own declarations
 * import one another without file endings, which Node's module resolution does not follow.
 */
interface Library {
  readonly tokenize: (text: string) => Token[];
  readonly parse: (tokens: readonly Token[]) => { readonly body: unknown[] };
}

export const { tokenize, parse } = library as unknown as Library;
