// Are the vectors of a published FAISS index taken over as they are, and does search find what FAISS finds?
import { createHash } from 'node:crypto';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { BuiltIndex } from '../../indexer/build-index.ts';
import { buildIndex } from '../../indexer/build-index.ts';
import { FaissIndex } from '../../indexer/faiss/faiss-index.ts';
import { indexConfig } from '../../src/config/index-build.ts';
import { terminalProgress } from '../../src/progress/terminal-progress.ts';
import { openIndex } from '../../src/retrieval/open-index.ts';
import { peerPython } from './peer-python.ts';
import { recordFigures } from './record.ts';
import { syntheticEncoder, syntheticVector } from './synthetic-encoder.ts';
import { importedCorpus, runProgram, workshopPath } from './workshop.ts';

const rows = 200_000;
const dimension = 768;
const noise = 0.6;
const queries = Array.from({ length: 200 }, (_value, i) => `query ${i}`);
const topK = 10;
const scoreTolerance = 1e-5;
const peer = fileURLToPath(new URL('peers/faiss_peer.py', import.meta.url));
const encoder = syntheticEncoder(dimension, noise);

const replySchema = z.object({
  version: z.string(),
  rows: z.array(z.array(z.int())),
  scores: z.array(z.array(z.number())),
  searchSeconds: z.number(),
});

const [vectorsFile, queriesFile, indexFile] = [
  await workshopPath('faiss-vectors.f32'),
  await workshopPath('faiss-queries.f32'),
  await workshopPath('faiss-flat.index'),
];
const parts = ['aa', 'ab'].map((end) => indexFile.replace('flat.index', `part_${end}`));
const out = await workshopPath('faiss-index');
try {
  await measure();
} finally {
  for (const path of [vectorsFile, queriesFile, indexFile, ...parts, out]) {
    await rm(path, { recursive: true, force: true });
  }
}

async function measure(): Promise<void> {
  const vectorsHash = await writeVectors();
  const args = [peer, vectorsFile, String(dimension), queriesFile, indexFile];
  const faiss = replySchema.parse(JSON.parse(await runProgram(await peerPython(), args)));
  await splitIndex();
  const corpus = await numberedPassages();
  const started = performance.now();
  const { manifest } = await importIndex(corpus);
  const seconds = (performance.now() - started) / 1000;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const found = await bestRows();
  const same = found.filter(({ ids, scores }, i) => {
    const [wanted = [], wantedScores = []] = [faiss.rows[i], faiss.scores[i]];
    const areNear = scores.every(
      (score, k) => Math.abs(score - (wantedScores[k] ?? 0)) <= scoreTolerance,
    );
    return areNear && ids.join() === wanted.join();
  });
  await recordFigures(
    import.meta.url,
    [
      {
        measure: `same vectors, bit by bit (${rows} x ${dimension}, two parts)`,
        value: Number(manifest.dense?.vectorsHash === vectorsHash),
        bar: 1,
      },
      {
        measure: `queries of ${queries.length} with FAISS's ten best in its order, scores to ${scoreTolerance}`,
        value: same.length,
        bar: queries.length,
      },
      { measure: 'vectors/s, checked, copied, read back and hashed', value: rows / seconds },
      { measure: 'peak memory of the whole measurement, bytes', value: peakBytes },
    ],
    { faiss: faiss.version, seconds },
  );
}

/** Writes the vectors of all passages and queries; SHA-256 of the former. */
async function writeVectors(): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(vectorsFile, 'w');
  for (let row = 0; row < rows; row += 1) {
    const bytes = Buffer.from(syntheticVector(String(row), dimension, noise).buffer);
    hash.update(bytes);
    await file.write(bytes);
  }
  await file.close();
  const { vectors_N_D } = await encoder.encodeQueries(queries);
  await writeFile(queriesFile, vectors_N_D);
  return hash.digest('hex');
}

/** Cuts the index where no row ends, as `split` does. */
async function splitIndex(): Promise<void> {
  const whole = await readFile(indexFile);
  const cut = Math.floor(whole.length * 0.6) + 1;
  await writeFile(parts[0] ?? '', whole.subarray(0, cut));
  await writeFile(parts[1] ?? '', whole.subarray(cut));
}

async function importIndex(corpusFolder: string): Promise<BuiltIndex> {
  const vectors = await FaissIndex.open(parts);
  try {
    return await buildIndex({
      corpusFolder,
      out,
      config: indexConfig.parse({ modes: ['dense'], vectorIndex: 'exact', vectorDtype: 'fp32' }),
      encoder: { encoder, source: { model: 'synthetic', dtype: 'fp32' } },
      vectors,
      force: true,
      progress: terminalProgress(process.stderr),
      signal: new AbortController().signal,
    });
  } finally {
    await vectors.close();
  }
}

async function bestRows(): Promise<
  { readonly ids: readonly number[]; readonly scores: readonly number[] }[]
> {
  const index = await openIndex(out, { encoder });
  const results = await index.retriever('dense').search(queries, { topK });
  await index.close();
  return results.map(({ hits }) => ({
    ids: hits.map(({ id }) => Number(id)),
    scores: hits.map(({ score }) => score),
  }));
}

/** A corpus whose passages are their numbers: the text names the synthetic vector. */
async function numberedPassages(): Promise<string> {
  const file = await workshopPath('numbers.jsonl');
  const lines = Array.from({ length: rows }, (_value, i) =>
    JSON.stringify({ id: String(i), title: '', text: String(i) }),
  );
  await writeFile(file, `${lines.join('\n')}\n`);
  return importedCorpus('numbers', file);
}
