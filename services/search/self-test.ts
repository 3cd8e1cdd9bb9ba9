import { SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import type { Passage } from '../../src/types/passage.ts';
import type { Hit, SearchIndex, SearchMode } from '../../src/types/retriever.ts';
const depth = 10;
const queryWords = 24;
/** A right index finds nearly all of them, one with shifted or foreign vectors nearly none. */
const leastShare = 0.5;

/**
 * Asks every mode of `index` for `count` of its own passages by title and first words; each must be
 * among the first ten hits (another passage of the same title and text counts as well: dumps hold
 * duplicates). Throws SSP_SELF_TEST_FAILED where fewer than half are found. An empty index passes.
 */
export async function selfTest(
  index: SearchIndex,
  count: number,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  if (count === 0) return;
  const passages = (await index.sample(count)).filter(({ text }) => text.trim() !== '');
  const stage = progress.stage('self-test', 'queries', passages.length * index.modes.length);
  for (const mode of index.modes) {
    await testMode(index, mode, passages, signal);
    stage.add(passages.length);
  }
  stage.end();
}

/** Asks one by one: at a reload the index before answers meanwhile, and must get its turn. */
async function testMode(
  index: SearchIndex,
  mode: SearchMode,
  passages: readonly Passage[],
  signal: AbortSignal,
): Promise<void> {
  const retriever = index.retriever(mode);
  let found = 0;
  for (const passage of passages) {
    const [result] = await retriever.search([queryFor(passage)], { topK: depth, signal });
    if (result?.hits.some((hit) => isSame(hit, passage)) === true) found += 1;
  }
  if (found < passages.length * leastShare) {
    throw new SspError('SSP_SELF_TEST_FAILED', { mode, found, asked: passages.length, depth });
  }
}

function queryFor({ title, text }: Passage): string {
  return `${title} ${text.split(/\s+/, queryWords).join(' ')}`;
}

function isSame(hit: Hit, passage: Passage): boolean {
  return hit.id === passage.id || (hit.title === passage.title && hit.text === passage.text);
}
