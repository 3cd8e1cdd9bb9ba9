import type { RunData, SampledQuestions } from './report-data.ts';

/** The values behind a chart's picture, in the order of its legend. */
export interface ChartValues {
  /** Of its figure. */
  readonly id: string;
  readonly steps: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** What the page's script works with, as JSON in the page. */
export interface PageData {
  /** Where a picture's step axis starts and ends, in the units of its view box. */
  readonly plot: { readonly width: number; readonly left: number; readonly right: number };
  readonly charts: readonly ChartValues[];
  readonly runs: readonly (Pick<RunData, 'name'> &
    Pick<SampledQuestions, 'questions' | 'passages'>)[];
}
