// How much memory and time does the report of a run at the paper's scale take?
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runFolder } from '../../src/run/run-folder.ts';
import { writeLongRun } from './long-run.ts';
import { recordFigures } from './record.ts';
import { measuredProgram, measuredSsp } from './workshop.ts';

const scale = { steps: Number(process.env['SSP_BENCH_STEPS'] ?? 20), questions: 256, attempts: 5 };
const peer = fileURLToPath(new URL('read-steps.ts', import.meta.url));
const mebibyte = 2 ** 20;

const folder = await mkdtemp(join(tmpdir(), 'ssp-report-'));
try {
  const run = await writeLongRun(join(folder, 'run'), scale);
  const short = await writeLongRun(join(folder, 'short'), { ...scale, steps: 2 });
  const files = await episodeFiles(run);
  const packedBytes = await bytesOf(files);
  const questions = join(folder, 'questions.jsonl');
  const question = { id: '1', question: 'Who asked this?', golden_answers: ['nobody'] };
  await writeFile(questions, `${JSON.stringify(question)}\n`);

  const whole = await measuredProgram(peer, ...files);
  const report = await measuredSsp('report', run);
  const shortReport = await measuredSsp('report', short);
  const overlap = await measuredSsp('report', run, '--episode-mb', '0', '--overlap', questions);
  await recordFigures(
    import.meta.url,
    [
      { measure: 'steps, of 256 questions with 5 attempts of 3,000 tokens', value: scale.steps },
      { measure: 'episodes, packed, MiB', value: packedBytes / mebibyte },
      { measure: 'report, peak memory, MiB', value: report.peakBytes / mebibyte },
      {
        measure: 'that, times the peak of unpacking and parsing each step whole',
        value: report.peakBytes / whole.peakBytes,
        ...{ bar: 1, atMost: true },
      },
      {
        measure: 'that, times the peak of the report of 2 such steps',
        value: report.peakBytes / shortReport.peakBytes,
        ...{ bar: 1.5, atMost: true },
      },
      { measure: 'report, processor seconds a step', value: report.cpuSeconds / scale.steps },
      {
        measure: 'that, times unpacking and parsing each step whole',
        value: report.cpuSeconds / whole.cpuSeconds,
      },
      {
        measure: 'with --overlap instead of episodes, times it',
        value: overlap.cpuSeconds / whole.cpuSeconds,
      },
    ],
    { scale, packedBytes, whole, report, shortReport, overlap },
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function episodeFiles(path: string): Promise<string[]> {
  const { episodes } = runFolder(path);
  return (await readdir(episodes)).sort().map((name) => join(episodes, name));
}

async function bytesOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
