import { dirname } from 'node:path';

import type { Progress } from '../progress/progress.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import type { DrawnSection } from './chart-figures.ts';
import { drawSection } from './chart-figures.ts';
import { plot } from './chart-svg.ts';
import type { CurveSection } from './curves.ts';
import { curveSections } from './curves.ts';
import { depthSection, hasDepths } from './depth-section.ts';
import { episodeSection, sampleText } from './episode-section.ts';
import type { Markup } from './html.ts';
import { html, jsonElement } from './html.ts';
import type { NamedOverlap } from './overlap-section.ts';
import { overlapSection } from './overlap-section.ts';
import type { PageAssets } from './page-assets.ts';
import { assetElements, readPageAssets } from './page-assets.ts';
import type { PageData } from './page-data.ts';
import type { ReadOptions } from './read-run-data.ts';
import { readRuns } from './read-run-data.ts';
import type { RunData, RunGroup } from './report-data.ts';
import { runGroups } from './report-data.ts';
import { damageNote, runFacts, verdict, watchEvents } from './run-sections.ts';
import { defaultLimits } from './sample-questions.ts';
import { seedMeans } from './seed-means.ts';

export interface WrittenReport {
  /** The page's file. */
  readonly out: string;
  /** Of the whole page. */
  readonly bytes: number;
  /** A sentence a run: which of its questions are in the page. */
  readonly episodes: readonly string[];
  /** What of the runs could not be read or is missing, a sentence each. */
  readonly damage: readonly string[];
  /** With evaluation sets, a run each; empty where it was not asked for. */
  readonly overlaps: readonly NamedOverlap[];
}

/**
 * Writes the report of the runs in the folders `paths`, whole or not at all. Throws as
 * {@link readRuns} does.
 */
export async function writeReport(
  paths: readonly string[],
  out: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
  options: ReadOptions = defaultLimits,
): Promise<WrittenReport> {
  const runs = await readRuns(paths, { ...options, progress, signal });
  const page = renderReport(runs, await readPageAssets());
  await createFolder(dirname(out));
  await writeFileAtomic(out, page);
  const episodes = runs.map((run) => sampleText(run, runs.length > 1));
  const overlaps = runs.flatMap(({ name, overlap }) => (overlap ? { name, overlap } : []));
  const damage = runs.flatMap((run) => run.damage);
  for (const sentence of damage) progress.note(`warning: ${sentence}`);
  return { out, bytes: Buffer.byteLength(page), episodes, damage, overlaps };
}

/**
 * The whole page: one file that needs no other and no network. Equal data give equal bytes. Throws a
 * RangeError without a run.
 */
export function renderReport(runs: readonly RunData[], assets: PageAssets): string {
  if (runs.length === 0) throw new RangeError('A report needs at least one run.');
  const groups = runGroups(runs);
  const sections = curveSections.map((section, i) =>
    drawSection(section, runs, groups, `chart-${i}`),
  );
  const title = runs.length === 1 ? `Run ${runs[0]?.name ?? ''}` : `${runs.length} runs`;
  const { head, script } = assetElements(assets);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – search self-play</title>
        ${head}
      </head>
      <body>
        ${pageHead(title, runs, groups)}
        <main>
          <section id="verdict" aria-label="Verdict">
            ${damageNote(runs)} ${seedMeans(groups)}
            ${verdict(groups.flatMap((group) => group.runs))} ${watchEvents(runs)}
          </section>
          ${sections.map(({ figures }, i) => curveSection(curveSections[i], i, figures))}
          ${nothingDrawn(sections)} ${depthSection(runs)} ${overlapSection(runs)}
          ${episodeSection(runs)}
          <section id="runs">
            <h2>How it was made</h2>
            ${runs.map((run) => runFacts(run))}
          </section>
        </main>
        ${jsonElement('report-data', pageData(runs, sections))} ${script}
      </body>
    </html> `;
  return page.text;
}

function pageHead(title: string, runs: readonly RunData[], groups: readonly RunGroup[]): Markup {
  const [run] = runs;
  const about =
    runs.length === 1 && run !== undefined
      ? `${modelName(run)} · started ${run.manifest.startedAt} · ${run.manifest.machine}`
      : groups.map(groupName).join(' · ');
  return html`<header>
    <h1>${title}</h1>
    <p>${about}</p>
    <nav aria-label="Parts of the report">
      <a href="#verdict">Verdict</a>
      ${curveSections.map(({ title }, i) => html`<a href="#curves-${i}">${title}</a>`)}
      ${hasDepths(runs) ? html`<a href="#depth">What depth pays</a>` : undefined}
      ${
        runs.some(({ overlap }) => overlap !== undefined)
          ? html`<a href="#overlap">Overlap</a>`
          : undefined
      }
      <a href="#episodes">Episodes</a>
      <a href="#runs">How it was made</a>
    </nav>
  </header>`;
}

/** A group of seeds is drawn as the line of its mean in the band of its seeds. */
function groupName({ name, runs }: RunGroup): string {
  return runs.length === 1 ? name : `${name} (mean of ${runs.length} seeds)`;
}

function modelName({ manifest: { model } }: RunData): string {
  const named = model['model'] ?? model['name'] ?? model['architecture'];
  return typeof named === 'string' ? named : 'model';
}

function curveSection(
  section: CurveSection | undefined,
  i: number,
  figures: readonly Markup[],
): Markup | undefined {
  if (section === undefined || figures.length === 0) return undefined;
  return html`<section id="curves-${i}">
    <h2>${section.title}</h2>
    <div class="charts">${figures}</div>
  </section>`;
}

/** Curves without a value are named, so that nobody looks for them. */
function nothingDrawn(sections: readonly DrawnSection[]): Markup | undefined {
  const titles = sections.flatMap(({ withoutValues }) => withoutValues);
  if (titles.length === 0) return undefined;
  return html`<p class="note">Nothing was recorded for: ${titles.join('; ')}.</p>`;
}

function pageData(runs: readonly RunData[], sections: readonly DrawnSection[]): PageData {
  return {
    plot,
    charts: sections.flatMap(({ charts }) => charts),
    runs: runs.map(({ name, sampled: { questions, passages } }) => ({ name, questions, passages })),
  };
}
