import { z } from 'zod';

import type { ServiceConfig } from '../../../src/config/service.ts';

/** Where a reply holds its texts: never twice, as agents pay for each character. */
export type TextPlace = ServiceConfig['mcpTexts'];

/** Fields of a fact that tell where its text is. */
export const placedTextSchema = z.strictObject({
  content: z.int().optional().describe('The text is this block of `content`, counted from 0'),
  text: z.string().optional(),
});

/** The texts of one reply, in its content blocks or in its structured content. */
export class PlacedTexts {
  /** Blocks of `content` behind the first, which sums up. */
  readonly blocks: string[] = [];
  readonly #place: TextPlace;
  #chars = 0;

  constructor(place: TextPlace) {
    this.#place = place;
  }

  /** Characters of the texts placed so far. */
  get chars(): number {
    return this.#chars;
  }

  /** Puts `text` in its place, as a block under `heading`; gives the fields that tell where it is. */
  put(heading: string, text: string): z.infer<typeof placedTextSchema> {
    this.#chars += text.length;
    if (this.#place === 'structured') return { text };
    this.blocks.push(heading === '' ? text : `${heading}\n${text}`);
    return { content: this.blocks.length };
  }
}
