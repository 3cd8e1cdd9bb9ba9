import type { RetrievedPassage } from '../types/episode.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { QuestionView } from './question-view.ts';
import { passagesOf, questionView } from './question-view.ts';
import type { SampledQuestions } from './report-data.ts';

/** At most `count` of them, evenly spread, the first and the last among them; none for 0. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  if (count === 1) return items.slice(-1);
  const places = Array.from({ length: count }, (_, i) => (i * (items.length - 1)) / (count - 1));
  return places.flatMap((place) => items[Math.round(place)] ?? []);
}

/** A question as the page may hold it, with its passages by id: without token ids it is small. */
export interface ShownQuestion {
  readonly view: QuestionView;
  readonly passages: SampledQuestions['passages'];
}

export function shownQuestion(record: QuestionRecord): ShownQuestion {
  const passages = passagesOf(record).map(({ id, title, text }) => [id, { title, text }] as const);
  return { view: questionView(record), passages: Object.fromEntries(passages) };
}

/**
 * The questions of a step in the order in which they are worth showing: each kind of end in turn
 * (valid and played, reused, rejected for each reason, failed), within a kind by index.
 */
export function mixedByEnd(questions: readonly ShownQuestion[]): ShownQuestion[] {
  const kinds = [...Map.groupBy(questions, ({ view }) => endOf(view)).values()];
  const rounds = Math.max(0, ...kinds.map((kind) => kind.length));
  return Array.from({ length: rounds }, (_, i) => kinds.flatMap((kind) => kind[i] ?? [])).flat();
}

function endOf({ proposal, place }: QuestionView): string {
  const verdict = proposal?.verdict;
  return `${place} ${verdict?.kind ?? ''} ${verdict?.kind === 'rejected' ? verdict.reason : ''}`;
}

/** Takes questions until their JSON, with each passage once, is `maxBytes` long. */
export class QuestionSample {
  readonly #questions: QuestionView[] = [];
  readonly #passages = new Map<string, Pick<RetrievedPassage, 'title' | 'text'>>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the questions in their order that still fit below `maxBytes` in all. */
  take(questions: readonly ShownQuestion[], maxBytes: number): void {
    for (const { view, passages } of questions) {
      const added = Object.entries(passages).filter(([id]) => !this.#passages.has(id));
      const bytes = jsonBytes(view) + jsonBytes(added);
      if (this.#bytes + bytes > maxBytes) continue;
      this.#bytes += bytes;
      this.#questions.push(view);
      for (const [id, passage] of added) this.#passages.set(id, passage);
    }
  }

  /** What was taken, by step and index. */
  taken(): Pick<SampledQuestions, 'questions' | 'passages' | 'bytes'> {
    const questions = this.#questions.toSorted((a, b) => a.step - b.step || a.index - b.index);
    return { questions, passages: Object.fromEntries(this.#passages), bytes: this.#bytes };
  }
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** How much of a run's episodes goes into a report. */
export interface SampleLimits {
  /** Bytes of JSON for all runs together, 0 for none. */
  readonly maxBytes: number;
  /** Steps of a run whose episodes are read at all, evenly spread. */
  readonly maxSteps: number;
}

/** A page that opens at once, made in seconds. */
export const defaultLimits: SampleLimits = { maxBytes: 6e6, maxSteps: 40 };
