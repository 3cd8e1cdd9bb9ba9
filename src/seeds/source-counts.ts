import type { Candidate, FormSource } from './candidate.ts';
import { formSources } from './candidate.ts';

/** How many answers have their main form from a source, and how many further forms it gave. */
export type SourceCounts = Readonly<
  Record<FormSource, { readonly answers: number; readonly furtherForms: number }>
>;

/** Where the forms of answers come from. */
export function countSources(chosen: readonly Candidate[]): SourceCounts {
  const sources = chosen.map(({ forms }) => Array.from(forms.values(), ({ source }) => source));
  const main = Map.groupBy(sources, ([first]) => first);
  const further = Map.groupBy(
    sources.flatMap(([, ...others]) => others),
    (source) => source,
  );
  const counts = formSources.map((source) => {
    const answers = main.get(source)?.length ?? 0;
    return [source, { answers, furtherForms: further.get(source)?.length ?? 0 }];
  });
  return Object.fromEntries(counts) as SourceCounts;
}

/** The counts in words; sources that gave nothing are left out. */
export function sourceLines(sources: SourceCounts): string[] {
  const of = (part: keyof SourceCounts[FormSource]): string => {
    const counts = formSources.map((source) => [source, sources[source][part]] as const);
    const given = counts.filter(([, count]) => count > 0);
    return given.length === 0
      ? 'none'
      : given.map(([name, count]) => `${name} ${count}`).join(', ');
  };
  return [`  answers from ${of('answers')}`, `  further forms from ${of('furtherForms')}`];
}
