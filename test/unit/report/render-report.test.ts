import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { silentProgress } from '../../../src/progress/progress.ts';
import { readPageAssets } from '../../../src/report/page-assets.ts';
import { readRuns } from '../../../src/report/read-run-data.ts';
import { renderReport } from '../../../src/report/render-report.ts';
import type { RunData } from '../../../src/report/report-data.ts';
import type { SampleLimits } from '../../../src/report/sample-questions.ts';
import { episodesFile, runFolder } from '../../../src/run/run-folder.ts';
import type { MadeUpRun } from '../../material/report/made-up-run.ts';
import { writeMadeUpRun } from '../../material/report/made-up-run.ts';
import { withProposer } from '../../material/training/with-proposer.ts';

const assets = await readPageAssets();
const all: SampleLimits = { maxBytes: 1e9, maxSteps: 1e6 };

function read(paths: readonly string[], limits: SampleLimits = all): Promise<RunData[]> {
  const { signal } = new AbortController();
  return readRuns(paths, { ...limits, progress: silentProgress, signal });
}

async function page(folder: string, run: MadeUpRun): Promise<string> {
  await writeMadeUpRun(folder, run);
  return renderReport(await read([folder]), assets);
}

test('a whole run', async (t) => {
  const folder = join(t.testdir(), 'small');
  const text = await page(folder, { steps: 12, questionsPerStep: 8 });
  t.match(text, '<h1>Run small</h1>');
  t.match(text, /Step reached<\/dt>\s*<dd>\s*<strong>12 of 12</);
  t.ok((text.match(/<figure/g)?.length ?? 0) > 30);
  t.match(text, /Nothing was recorded for: Failures of services\./);
  t.match(text, /96 of 96 questions are in this page \(0\.\d+ MB\), from 12 of 12 steps/);
  t.match(text, 'f00df00d', 'the hash of the index');
  t.match(text, /<pre>\s*training:\n {2}steps: 12\n/, 'the configuration');
  t.equal(renderReport(await read([folder]), assets), text, 'equal data give equal bytes');
  t.notMatch(text, /\ssrc=|\shref="(?!#)|url\(|@import ["'u]/, 'nothing is loaded from elsewhere');
});

test('runs at their edges', async (t) => {
  const folder = t.testdir();
  const none = await page(join(folder, 'none'), { steps: 3, questionsPerStep: 0 });
  t.match(none, 'no episodes are stored');
  t.notMatch(none, 'class="browser"');
  const before = await page(join(folder, 'before'), { steps: 0, questionsPerStep: 4 });
  t.match(before, /Validation, then and now<\/dt>\s*<dd>\s*<strong>50.0.%/);
  t.match(before, /Nothing was recorded for: Solver&apos;s reward in the game;/);
  const one = await page(join(folder, 'one'), { steps: 1, questionsPerStep: 1 });
  t.match(one, '1 of 1 questions are in this page');
  t.notMatch(one.slice(0, one.indexOf('<script')), /NaN|Infinity|undefined/);
  t.throws(() => renderReport([], assets), RangeError);
});

test('runs that differ in their seed stand together', async (t) => {
  const folder = t.testdir();
  const names = ['a-seed1', 'b-seed1', 'a-seed2'];
  for (const name of names) {
    await writeMadeUpRun(join(folder, name), { steps: 1, questionsPerStep: 1 });
  }
  const runs = await read(names.map((name) => join(folder, name)));
  const rows = renderReport(runs, assets).matchAll(/<th scope="row">([ab]-seed\d)</g);
  t.strictSame(
    Array.from(rows, ([, name]) => name).filter((name) => name !== undefined),
    ['a-seed1', 'a-seed2', 'b-seed1'],
  );
});

test('a run where nothing was measured', async (t) => {
  const folder = join(t.testdir(), 'empty');
  await writeMadeUpRun(folder, { steps: 2, questionsPerStep: 2 });
  await writeFile(runFolder(folder).metrics, '');
  const runs = await read([folder]);
  t.match(renderReport(runs, assets), '0 of 2');
  t.strictSame([runs[0]?.rows, runs[0]?.sampled.totalQuestions], [[], 4]);
});

test('a line that was being written is left out, a damaged one is named', async (t) => {
  const folder = join(t.testdir(), 'cut');
  await writeMadeUpRun(folder, { steps: 2, questionsPerStep: 2 });
  const { metrics } = runFolder(folder);
  await appendFile(metrics, '{"step":3,"prop');
  t.strictSame(
    (await read([folder]))[0]?.rows.map(({ step }) => step),
    [0, 1, 2],
  );
  t.strictSame((await read([folder]))[0]?.damage, []);
  await appendFile(metrics, '\n');
  const [damaged] = await read([folder]);
  t.equal(damaged?.rows.length, 3, 'the rest is shown');
  t.match(damaged?.damage, [/metrics.*line 4/s]);
  t.match(renderReport(damaged === undefined ? [] : [damaged], assets), /role="alert"[^]*line 4/);
  await t.rejects(read([join(folder, 'nowhere')]), { code: 'SSP_FILE_NOT_FOUND' });
});

test('a cut file of episodes and lost metrics are said, and leave the rest of the page', async (t) => {
  const folder = join(t.testdir(), 'lost');
  await writeMadeUpRun(folder, { steps: 3, questionsPerStep: 8 });
  const run = runFolder(folder);
  const whole = await readFile(episodesFile(run, 2));
  await writeFile(episodesFile(run, 2), whole.subarray(0, whole.length - 20));
  await writeFile(episodesFile(run, 3), 'no gzip at all');
  const [line0 = '', line1 = ''] = (await readFile(run.metrics, 'utf8')).split('\n');
  await writeFile(run.metrics, `${line0}\n${line1}\n`);
  const [cut] = await read([folder]);
  t.match(cut?.damage, [
    /step-000002\.jsonl\.gz/,
    /step-000003\.jsonl\.gz/,
    /metrics\.jsonl has no line of the steps 2, 3/,
  ]);
  t.ok(
    cut?.sampled.questions.some(({ step }) => step === 1),
    'of the whole file',
  );
  t.match(renderReport(cut === undefined ? [] : [cut], assets), 'could be read');
});

test('a step that was run again stands once, as it was the last time', async (t) => {
  const folder = join(t.testdir(), 'again');
  await writeMadeUpRun(folder, { steps: 2, questionsPerStep: 0 });
  const { metrics } = runFolder(folder);
  const [run] = await read([folder]);
  const again = { ...run?.rows[1]?.metrics, poolQuestions: 77 };
  await appendFile(metrics, `${JSON.stringify(again)}\n`);
  const rows = (await read([folder]))[0]?.rows;
  t.strictSame(
    rows?.map(({ step, metrics: { poolQuestions } }) => [step, poolQuestions]),
    [
      [0, 0],
      [1, 77],
      [2, 6],
    ],
  );
});

test('events that a rollback took back are shown, each once', async (t) => {
  const folder = join(t.testdir(), 'back');
  await writeMadeUpRun(folder, { steps: 9, questionsPerStep: 0 });
  const back = { step: 8, measure: 'referenceKl', value: 2, limit: 1, action: 'rollback' };
  const beyond = { ...back, step: 12 };
  const warning = { step: 7, measure: 'entropy', value: 0.004, limit: 0.005, action: 'warn' };
  const lines = [
    warning,
    back,
    beyond,
    { event: 'resumed', step: 6 },
    { event: 'alarm', ...warning },
  ];
  const time = '2026-01-02T03:04:05.000Z';
  const text = lines.map((line) => `${JSON.stringify({ time, ...line })}\n`).join('');
  await writeFile(runFolder(folder).events, text);
  const runs = await read([folder]);
  t.strictSame(runs[0]?.events, [warning, back, beyond]);
  const shown = renderReport(runs, assets);
  t.match(shown, /Collapse watch<\/dt>\s*<dd>\s*<strong>rollback at step 12</);
  t.match(shown, '<title>step 8: referenceKl 2, limit 1: rollback</title>');
  t.notMatch(shown, '<title>step 12:', 'the axis ends at step 9');
  await appendFile(
    runFolder(folder).events,
    `${JSON.stringify({ time, event: 'slept', step: 1 })}\n`,
  );
  t.match((await read([folder]))[0]?.damage, [/events.*line 6/]);
});

test('episodes are bounded, spread over the run and over the runs', async (t) => {
  const folder = t.testdir();
  const paths = ['a', 'b'].map((name) => join(folder, name));
  for (const path of paths) await writeMadeUpRun(path, { steps: 9, questionsPerStep: 16 });
  const [a, b] = await read(paths, { maxBytes: 200_000, maxSteps: 3 });
  for (const sampled of [a?.sampled, b?.sampled]) {
    t.ok(sampled !== undefined && sampled.bytes <= 100_000 && sampled.bytes > 50_000);
    t.strictSame([...new Set(sampled?.questions.map(({ step }) => step))], [1, 5, 9]);
    t.strictSame([sampled?.totalQuestions, sampled?.totalSteps, sampled?.readSteps], [144, 9, 3]);
  }
  const [without] = await read(paths, { maxBytes: 0, maxSteps: 3 });
  t.strictSame([without?.sampled.questions, without?.sampled.readSteps], [[], 0]);
});

test('what a model, a passage or a name says stays text', async (t) => {
  const hostileText = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
  const folder = join(t.testdir(), '<b>"run"');
  await writeMadeUpRun(folder, {
    ...{ steps: 5, questionsPerStep: 3, hostileText },
    change: (metrics) => ({
      ...withProposer(metrics, { rejected: { [hostileText]: 3 } }),
      watch: [{ measure: hostileText, value: 1, limit: 0, action: 'warn' }],
    }),
  });
  await writeFile(runFolder(folder).config, hostileText);
  const example = {
    ...{ step: 1, index: 0, question: hostileText },
    evaluated: { id: hostileText, question: hostileText },
  };
  const overlap = {
    accepted: 1,
    sets: [{ set: hostileText, questions: 1, answers: 0, examples: [example] }],
    any: { questions: 1, answers: 0 },
  };
  const runs = (await read([folder])).map((run) => ({ ...run, overlap }));
  const text = renderReport(runs, assets);
  t.notMatch(text, /<script>alert|<img|<b>"run/);
  t.equal(text.match(/<script/g)?.length, 2, 'the data and the script');
  t.match(text, '&lt;b&gt;&quot;run&quot;');
});
