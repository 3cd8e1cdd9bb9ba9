import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Browser, Page } from 'playwright-core';
import { test } from 'tap';

import { silentProgress } from '../../../src/progress/progress.ts';
import { readPageAssets } from '../../../src/report/page-assets.ts';
import { readRuns } from '../../../src/report/read-run-data.ts';
import { renderReport } from '../../../src/report/render-report.ts';
import type { MadeUpRun } from '../../material/report/made-up-run.ts';
import { writeMadeUpRun } from '../../material/report/made-up-run.ts';
import { chromiumPath, startChromium, withoutChromium } from './chromium.ts';

const executable = await chromiumPath();
const small: MadeUpRun = { steps: 10, questionsPerStep: 8 };

test('the page in a browser', { skip: executable === undefined && withoutChromium }, async (t) => {
  const browser = await startChromium(executable ?? '');
  t.teardown(() => browser.close());

  t.test('shows its curves and asks for nothing', async (t) => {
    const { page, problems, requests } = await openReport(browser, t.testdir(), [small]);
    t.strictSame(problems, []);
    t.strictSame(requests, [page.url()], 'the page alone, no other file');
    const figures = page.locator('figure.chart');
    t.ok((await figures.count()) > 30);
    const solver = figures.filter({ hasText: "Solver's reward in the game" });
    const line = await solver.locator('path.line').boundingBox();
    t.ok(line !== null && line.width > 200 && line.height > 10, 'the line is drawn');
    t.equal(await solver.locator('.event title').textContent(), watchText);
    const stack = figures.filter({ hasText: 'Rejected questions by reason' });
    t.equal(await stack.locator('path.layer').count(), 2);
  });

  t.test('reads a chart by pointer and by keys', async (t) => {
    const { page } = await openReport(browser, t.testdir(), [small]);
    const solver = page.locator('figure', { hasText: "Solver's reward in the game" });
    const other = page.locator('figure', { hasText: 'Validation score on held-out' });
    const read = async (): Promise<string> =>
      (await solver.locator('.readout').innerText()).replaceAll(/\s+/g, ' ');
    const atRest = await read();
    t.match(atRest, /^last value reward 0\.\d+$/);
    await solver.locator('svg').press('ArrowLeft');
    t.match(await read(), /^step 10 /);
    await solver.locator('svg').press('ArrowLeft');
    // The made-up run: .4 + .5 sin(2.2 * .9) + .03 sin(9 * 1.7) = .8706.
    t.equal(await read(), 'step 9 reward 0.8706');
    t.match(await other.locator('.readout').innerText(), /step 9[^]*–/, 'all charts read the step');
    await solver.locator('svg').hover({ position: { x: 60, y: 60 } });
    t.match(await read(), /^step [0-2] /);
    await page.mouse.move(0, 0);
    t.equal(await read(), atRest);
  });

  t.test('browses episodes by keys, clicks and filters', async (t) => {
    const { page, problems } = await openReport(browser, t.testdir(), [small]);
    const heading = page.locator('article h3');
    t.match(await heading.innerText(), /^Step 1, question 0 valid/);
    await page.locator('body').press('ArrowRight');
    t.match(await heading.innerText(), /^Step 1, question 1 rejected: too-few-searches/);
    await page.locator('body').press('ArrowLeft');
    const article = page.locator('article');
    t.match(await article.innerText(), /4 passages, 2 of them noise/);
    const noise = article.locator('.passage', { hasText: 'About noise' });
    t.equal(await noise.locator('.badge', { hasText: /^noise$/ }).count(), 2);
    t.equal(await article.locator('.passage .badge', { hasText: /^noise$/ }).count(), 2);
    t.equal(await article.locator('.attempt').count(), 3);
    const attempt = article.locator('.attempt').first();
    t.match(
      await attempt.locator('> summary').innerText(),
      'reward 1 · advantage +0.6667 · “Ada Quill”',
    );
    t.notOk(await attempt.locator('.step.sampled').first().isVisible());
    await attempt.locator('> summary').click();
    t.ok(await attempt.locator('.step.sampled').first().isVisible());
    const retrieved = attempt.locator('.step.retrieved').first();
    await retrieved.locator('summary').first().click();
    t.match(await retrieved.locator('.passage p').first().innerText(), 'was made by Ada Quill in');
    t.equal(await retrieved.locator('mark').first().innerText(), 'Ada Quill');

    await page.selectOption('select[name=verdict]', 'rejected: wrong-answer');
    t.equal(await page.locator('.count').innerText(), '10 questions');
    await page.selectOption('select[name=step]', '4');
    t.equal(await page.locator('.count').innerText(), '1 question');
    t.match(await heading.innerText(), /^Step 4, question 2 rejected: wrong-answer/);
    await page.selectOption('select[name=verdict]', '');
    await page.selectOption('select[name=place]', 'reused');
    t.match(await heading.innerText(), /^Step 4, question 7 reused/);
    await page.fill('input[name=text]', 'no such words');
    t.equal(await page.locator('.count').innerText(), '0 questions');
    t.equal(await article.innerText(), '');
    await page.selectOption('select[name=place]', '');
    await page.fill('input[name=text]', 'MILL 4-3');
    await page.locator('.questions button').click();
    t.match(await heading.innerText(), /^Step 4, question 3 valid/);
    t.strictSame(problems, []);
  });

  t.test('hostile text stays text', async (t) => {
    const hostileText =
      '</script><script>document.title="taken"</script><img src=x onerror="document.title=\'taken\'">';
    const { page, problems, requests } = await openReport(browser, t.testdir(), [
      { ...small, hostileText },
    ]);
    const title = await page.title();
    await page.evaluate(
      "for (const fold of document.querySelectorAll('details')) fold.open = true",
    );
    t.match(await page.locator('article').innerText(), hostileText);
    t.equal(await page.locator('img').count(), 0);
    t.equal(await page.title(), title);
    t.strictSame([problems, requests], [[], [page.url()]]);
    // Even markup that got into the page would not run.
    const refused = page.waitForEvent('console');
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(hostileText)})`,
    );
    await refused;
    t.equal(await page.title(), title);
    t.match(problems.join(' '), 'Content Security Policy');
  });

  t.test('compares runs, and fits a phone', async (t) => {
    const runs = [0, 0.05, -0.1].map((shift) => ({ ...small, shift }));
    const { page, problems } = await openReport(browser, t.testdir(), runs);
    t.equal(await page.locator('#verdict table').last().locator('tbody tr').count(), 3);
    const reward = page.locator('figure', { hasText: "Solver's reward in the game" });
    t.equal(await reward.locator('path.line').count(), 3);
    await page.selectOption('select[name=run]', 'run-2');
    t.match(await page.locator('.questions .where').first().textContent(), 'run-2 · 1 · 0');
    await page.setViewportSize({ width: 390, height: 800 });
    const overflow = 'document.documentElement.scrollWidth - innerWidth';
    t.ok(Number(await page.evaluate(overflow)) <= 0, 'nothing is wider than the screen');
    t.strictSame(problems, []);
  });

  t.test('a run without episodes has curves alone', async (t) => {
    const none = { steps: 1, questionsPerStep: 0 };
    const { page, problems } = await openReport(browser, t.testdir(), [none]);
    t.ok((await page.locator('figure.chart').count()) > 10);
    t.equal(await page.locator('.browser').count(), 0);
    t.strictSame(problems, []);
  });
});

const watchText = 'step 7: entropy 0.004, limit 0.005: warn';

interface OpenReport {
  readonly page: Page;
  /** What the console and uncaught errors said. */
  readonly problems: readonly string[];
  /** Addresses that were asked for. */
  readonly requests: readonly string[];
}

/** The report of made-up runs `run-0`, `run-1`, ..., opened from its file. */
async function openReport(
  browser: Browser,
  folder: string,
  runs: readonly MadeUpRun[],
): Promise<OpenReport> {
  const paths = runs.map((_, i) => join(folder, `run-${i}`));
  for (const [i, run] of runs.entries()) await writeMadeUpRun(paths[i] ?? folder, run);
  const { signal } = new AbortController();
  const limits = { maxBytes: 1e7, maxSteps: 100, progress: silentProgress, signal };
  const file = join(folder, 'report.html');
  await writeFile(file, renderReport(await readRuns(paths, limits), await readPageAssets()));
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(120_000);
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, problems, requests };
}
