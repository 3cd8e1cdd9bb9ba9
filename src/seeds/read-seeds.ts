import { decompress } from '../../corpus/compression.ts';
import { InputFile } from '../../corpus/input-file.ts';
import { LineError, splitLines } from '../../corpus/lines.ts';
import type { SeedsConfig } from '../config/seeds.ts';
import { messageOf, SspError } from '../errors/error.ts';
import { normalizeAnswer } from '../game/answer-score.ts';
import { createRandom } from '../random/random.ts';
import type { Seed } from '../types/seed.ts';
import { parseListLine, parseReleasedLine } from './seed-line.ts';

/** The seeds of a file, in its order. */
export interface SeedFile {
  readonly seeds: readonly Seed[];
  /** SHA-256 of the file's bytes, in hex. */
  readonly hash: string;
}

/** How the hops of a plain list are drawn. */
export type HopsRange = Pick<SeedsConfig, 'seed' | 'minHops' | 'maxHops'>;

/**
 * Reads seeds: JSON lines `{ground_truth, search_turns, topic?}`, or a plain list, one answer a
 * line, each answer taken once and its hops drawn from `range`. Which one, the first line says; gz
 * and bz2 are read too. Throws SSP_FILE_NOT_FOUND, SSP_SEEDS_INVALID with the first bad line,
 * SSP_INPUT_EMPTY for a file without seeds, SSP_INPUT_DAMAGED.
 */
export async function readSeeds(path: string, range: HopsRange): Promise<SeedFile> {
  const input = await InputFile.open(path);
  const seeds = await parseSeeds(input, range);
  if (seeds.length === 0)
    throw new SspError('SSP_INPUT_EMPTY', { path: input.path, what: 'seeds' });
  return { seeds, hash: input.identity().sha256 };
}

async function parseSeeds(input: InputFile, range: HopsRange): Promise<Seed[]> {
  const seeds: Seed[] = [];
  let parse: ((line: string) => Seed | undefined) | undefined;
  let number = 0;
  try {
    for await (const line of splitLines(decompress(input, { workers: 1 }))) {
      number = line.number;
      if (line.text.trim() === '') continue;
      parse ??= lineReader(line.text.trim(), input.path, range);
      const seed = parse(line.text);
      if (seed !== undefined) seeds.push(seed);
    }
  } catch (error) {
    if (error instanceof SspError) throw error;
    const line = error instanceof LineError ? error.line : number;
    const details = { path: input.path, line, problem: messageOf(error) };
    throw new SspError('SSP_SEEDS_INVALID', details, { cause: error });
  }
  return seeds;
}

/** How the lines are read, by the first of them. Throws an Error for what is no list of lines. */
function lineReader(
  first: string,
  path: string,
  range: HopsRange,
): (line: string) => Seed | undefined {
  if (first.startsWith('{')) return parseReleasedLine;
  if (/^\[\s*(?:[{"]|$)/.test(first)) throw new Error('it begins a JSON array, not a line a seed');
  if (/\.[ct]sv(?:\.gz|\.bz2)?$/i.test(path)) throw new Error('it is a line of a table');
  return listReader(range);
}

/** Reads a plain list: undefined for a line without an answer and for one that was there before. */
function listReader({ seed, minHops, maxHops }: HopsRange): (line: string) => Seed | undefined {
  const random = createRandom(seed, 'hops');
  const known = new Set<string>();
  return (line) => {
    const answer = parseListLine(line);
    if (answer === undefined) return undefined;
    const normalized = normalizeAnswer(answer);
    // A title such as "The The" has no words left, and could never be told from an empty answer.
    if (normalized === '' || known.has(normalized)) return undefined;
    known.add(normalized);
    return { answers: [answer], hops: minHops + random.below(maxHops - minHops + 1) };
  };
}
