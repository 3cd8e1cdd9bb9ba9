import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { curvePicture } from './curve-picture.ts';
import type { BenchmarkRecord, Figure } from './record.ts';
import { rounded, verdict } from './record.ts';
import type { RunCurve } from './run-curve.ts';

const folder = fileURLToPath(new URL('results/', import.meta.url));
const introFile = fileURLToPath(new URL('introduction.md', import.meta.url));

/** docs/benchmarks.md: the introduction, then a section for each kept result. */
export function benchmarksDocument(): string {
  return [readFileSync(introFile, 'utf8'), ...keptRecords().map(section)].join('\n');
}

/** The pictures of docs, SVG by file name: one for each kept result that has curves of runs. */
export function benchmarkPictures(): Map<string, string> {
  const drawn = keptRecords().filter((record) => curvesOf(record).length > 0);
  return new Map(drawn.map((record) => [pictureOf(record), curvePicture(curvesOf(record))]));
}

function keptRecords(): BenchmarkRecord[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names
    .sort()
    .map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as BenchmarkRecord);
}

function curvesOf({ details }: BenchmarkRecord): readonly RunCurve[] {
  return (details['curves'] ?? []) as readonly RunCurve[];
}

function pictureOf({ question }: BenchmarkRecord): string {
  return `${question}.svg`;
}

function section(record: BenchmarkRecord): string {
  const { question, command, date, commit, machine, figures } = record;
  const { cpu, cores, memoryGiB, node } = machine;
  const alt = `Exact match by step, ${question}`;
  const picture = curvesOf(record).length > 0 ? `\n![${alt}](${pictureOf(record)})\n` : '';
  return `## ${question}

\`${command}\` at commit ${commit}, ${date.slice(0, 10)}; ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}.

| measure | figure | bar | |
|---|---:|---:|---|
${figures.map(row).join('\n')}
${picture}`;
}

function row(figure: Figure): string {
  const { measure, value, bar, atMost } = figure;
  const shownBar = bar === undefined ? '' : `${atMost ? '<=' : '>='} ${rounded(bar)}`;
  return `| ${measure.replaceAll('|', '\\|')} | ${rounded(value)} | ${shownBar} | ${verdict(figure)} |`;
}
