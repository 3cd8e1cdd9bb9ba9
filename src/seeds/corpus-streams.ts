import type { Corpus } from '../../corpus/corpus.ts';
import type { Progress, Stage } from '../progress/progress.ts';
import type { Anchor, Passage } from '../types/passage.ts';

export interface Job {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A stream with its progress; throws the signal's reason once it is aborted. */
async function* counted<Row>(
  rows: AsyncIterable<Row>,
  stage: Stage,
  signal: AbortSignal,
): AsyncGenerator<Row> {
  for await (const row of rows) {
    signal.throwIfAborted();
    yield row;
    stage.add(1);
  }
  stage.end();
}

/** The passages of a corpus, as the stage `name`. */
export function passagesOf(
  corpus: Corpus,
  name: string,
  { progress, signal }: Job,
): AsyncGenerator<Passage> {
  const stage = progress.stage(name, 'passages', corpus.manifest.passages);
  return counted(corpus.passages(), stage, signal);
}

/** The links of a corpus, as the stage `name`. */
export function anchorsOf(
  corpus: Corpus,
  name: string,
  { progress, signal }: Job,
): AsyncGenerator<Anchor> {
  const stage = progress.stage(name, 'links', corpus.manifest.anchorFile?.records);
  return counted(corpus.anchors(), stage, signal);
}
