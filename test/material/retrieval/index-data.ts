import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { dataFolder, headName, readHead } from '../../../src/retrieval/index-head.ts';
import { writeJsonAtomic } from '../../../src/storage/atomic-file.ts';
import { hashOfValue } from '../../../src/storage/hash.ts';

/** The folder of the generation that an index is. */
export async function currentData(folder: string): Promise<string> {
  return dataFolder(folder, (await readHead(folder)).generation);
}

/** Makes of a finished index one that looks as if an earlier version had built it, or begun to. */
export async function intoEarlierLayout(folder: string): Promise<void> {
  const { manifest, generation } = await readHead(folder);
  await cp(dataFolder(folder, generation), folder, { recursive: true });
  await rm(join(folder, 'generations'), { recursive: true });
  await rm(join(folder, 'readers'), { recursive: true, force: true });
  await writeJsonAtomic(join(folder, headName), { ...manifest, formatVersion: 1 });
}

/** Makes of a finished index one whose words an earlier analyzer divided. */
export async function intoEarlierWords(folder: string): Promise<void> {
  const head = await readJson<EarlierHead>(folder, headName);
  const manifest = { ...head.manifest, bm25: withEarlierAnalyzer(head.manifest.bm25) };
  const earlier = { ...head, manifest, checksum: undefined };
  await writeJsonAtomic(join(folder, headName), { ...earlier, checksum: hashOfValue(earlier) });
  const data = join(folder, 'generations', head.generation);
  const { plan, ...journal } = await readJson<{ plan: WithWords }>(data, 'journal.json');
  const earlierPlan = { ...plan, bm25: withEarlierAnalyzer(plan.bm25) };
  await writeJsonAtomic(join(data, 'journal.json'), { ...journal, plan: earlierPlan });
}

interface EarlierHead {
  readonly generation: string;
  readonly manifest: WithWords;
}

interface WithWords {
  readonly bm25: Readonly<Record<string, unknown>>;
}

function withEarlierAnalyzer(bm25: WithWords['bm25']): WithWords['bm25'] {
  const analyzer = {
    name: 'english',
    tokenizer: 'unicode-words',
    normalization: 'nfkc-casefold',
    asciiFolding: true,
    maxTokenLength: 40,
    stemmer: 'porter2',
  };
  return { ...bm25, analyzer };
}

async function readJson<Shape>(folder: string, name: string): Promise<Shape> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Shape;
}
