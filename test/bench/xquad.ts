import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import { z } from 'zod';

import type { AnalyzerName } from '../../src/types/index-manifest.ts';
import { sharedFile } from './shared-data.ts';

/** The languages of XQuAD that are measured, with the analyzer of each. */
export const xquadAnalyzers = {
  ar: 'arabic',
  de: 'german',
  en: 'english',
  es: 'spanish',
  hi: 'hindi',
  ru: 'russian',
  th: 'simple',
  tr: 'turkish',
  zh: 'simple',
} as const satisfies Readonly<Record<string, AnalyzerName>>;
export type XquadLanguage = keyof typeof xquadAnalyzers;
export const xquadLanguages = Object.keys(xquadAnalyzers) as XquadLanguage[];

const squadSchema = z.object({
  data: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(
        z.object({ context: z.string(), qas: z.array(z.object({ question: z.string() })) }),
      ),
    }),
  ),
});

/** One language of XQuAD: the same paragraphs and questions in each. */
export interface Xquad {
  readonly passages: readonly {
    readonly id: string;
    readonly title: string;
    readonly text: string;
  }[];
  readonly questions: readonly string[];
  /** The passage of each question. */
  readonly gold: readonly (readonly [id: string])[];
}

/** The 240 paragraphs, with the English titles of their articles, and the 1,190 questions on them. */
export async function readXquad(language: XquadLanguage): Promise<Xquad> {
  const file = await readFile(sharedFile(`xquad/xquad.${language}.json.gz`));
  const { data } = squadSchema.parse(JSON.parse(gunzipSync(file).toString('utf8')));
  const paragraphs = data.flatMap(({ title, paragraphs }) =>
    paragraphs.map((paragraph) => ({ title: title.replaceAll('_', ' '), ...paragraph })),
  );
  const withIds = paragraphs.map((paragraph, i) => ({ id: `${language}-${i}`, ...paragraph }));
  return {
    passages: withIds.map(({ id, title, context }) => ({ id, title, text: context })),
    questions: withIds.flatMap(({ qas }) => qas.map(({ question }) => question)),
    gold: withIds.flatMap(({ id, qas }) => qas.map(() => [id] as const)),
  };
}
