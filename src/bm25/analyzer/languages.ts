import type { Analyzer, AnalyzerName } from '../../types/index-manifest.ts';
import { analyzerVersion } from '../../types/index-manifest.ts';

/** Language codes of wikis by the analyzer that stems their words. */
const analyzersByLanguage: Readonly<Record<string, AnalyzerName>> = {
  ar: 'arabic',
  arz: 'arabic',
  da: 'danish',
  de: 'german',
  el: 'greek',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  ga: 'irish',
  hi: 'hindi',
  hu: 'hungarian',
  hy: 'armenian',
  id: 'indonesian',
  it: 'italian',
  lt: 'lithuanian',
  nb: 'norwegian',
  ne: 'nepali',
  nl: 'dutch',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sh: 'serbian',
  simple: 'english',
  sr: 'serbian',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
};

/**
 * The analyzer for texts in a language, given by its code (`de`, `pt-BR`): `simple` for one without a
 * stemmer, `english` where no language is known.
 */
export function analyzerNameOf(language: string | undefined): AnalyzerName {
  if (language === undefined || language === '') return 'english';
  const [primary = ''] = language.toLowerCase().split(/[-_]/u);
  return analyzersByLanguage[primary] ?? 'simple';
}

/** What the manifest says of the analyzer of a name. */
export function analyzerOf(name: AnalyzerName): Analyzer {
  const common = {
    name,
    version: analyzerVersion,
    tokenizer: 'words-bigrams',
    normalization: 'nfkc-casefold',
    titles: 'words-whole',
    maxTermLength: 40,
  } as const;
  if (name === 'simple') return common;
  return { ...common, stemmer: name === 'english' ? 'porter2' : 'snowball-2' };
}
