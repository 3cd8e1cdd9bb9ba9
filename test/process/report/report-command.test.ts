import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { writeMadeUpRun } from '../../material/report/made-up-run.ts';

test('ssp report writes a page beside the run and says what it left out', async (t) => {
  const folder = join(t.testdir(), 'small');
  await writeMadeUpRun(folder, { steps: 6, questionsPerStep: 8 });
  const { exitCode, stdout } = await ssp(['report', folder, '--episode-mb', '0.05']);
  t.equal(exitCode, 0);
  t.match(
    stdout,
    /^\d+ of 48 questions are in this page \(0\.0[45]\d* MB\), from 6 of 6 steps\.$/m,
  );
  t.match(await readFile(join(folder, 'report.html'), 'utf8'), '<h1>Run small</h1>');

  const out = join(folder, 'other.html');
  const two = await ssp(['report', folder, '--out', out, '--episode-steps', '2', '--json']);
  const printed = JSON.parse(two.stdout) as { out: string; bytes: number; episodes: string[] };
  t.strictSame([printed.out, printed.bytes], [out, (await stat(out)).size]);
  t.match(printed.episodes, [/^16 of 48 .* from 2 of 6 steps\.$/]);
});

test('ssp report shows what a probe found, and misses no metrics in it', async (t) => {
  const folder = join(t.testdir(), 'probe');
  await writeMadeUpRun(folder, { steps: 2, questionsPerStep: 8 });
  await rm(join(folder, 'metrics.jsonl'));
  const facts = { proposals: 16, valid: 8, success: 0.5, reward: 0.25, rewardError: 0.1 };
  const probe = { proposals: 16, byDepth: { '1': facts }, deeperPays: null };
  await writeFile(join(folder, 'probe.json'), JSON.stringify(probe));
  const { exitCode, stderr } = await ssp(['report', folder]);
  t.equal(exitCode, 0, stderr);
  t.notMatch(stderr, 'warning');
  const page = await readFile(join(folder, 'report.html'), 'utf8');
  t.match(page, '<a href="#depth">What depth pays</a>');
  t.match(page, /16 proposals, as probed/);

  await writeFile(join(folder, 'probe.json'), '{"proposals": -1}');
  const damaged = await ssp(['report', folder]);
  t.equal(damaged.exitCode, 0);
  t.match(damaged.stderr, /warning: .*probe\.json/);
});

test('ssp report counts the accepted questions that overlap with evaluation sets', async (t) => {
  const folder = t.testdir({
    'nq.jsonl': questionLines([
      // Eight words of question 3 of step 1, which is accepted, and of question 1, which is not.
      ['a', 'Is it the mill 1-3 that stands at the river of the old capital?', 'nobody'],
      ['b', 'Is it the mill 1-1 that stands at the river of the old capital?', 'nobody'],
    ]),
    'bamboogle.jsonl': questionLines([['c', 'Who wrote the letter?', 'ada quill']]),
  });
  const run = join(folder, 'run');
  await writeMadeUpRun(run, { steps: 2, questionsPerStep: 8 });
  const sets = ['nq.jsonl', 'bamboogle.jsonl'].map((name) => join(folder, name));
  const { exitCode, stdout, stderr } = await ssp([
    ...['report', run, '--episode-steps', '1', '--overlap', ...sets],
  ]);
  t.equal(exitCode, 0, stderr);
  t.match(
    stdout.replaceAll('\u00a0', ' '),
    /^overlap of 8 accepted questions\n {2}nq: 1 \(12\.5 %\) questions, 0 \(0\.0 %\) answers$/m,
  );
  t.match(stdout, /^ {4}step 1, question 3: “Who built the mill 1-3 .*” – nq, a: “Is it/m);
  t.match(stdout, /^ {2}bamboogle: 0 .* questions, 8 .* answers\n {2}any: 1 .* questions, 8 /m);
  const page = await readFile(join(run, 'report.html'), 'utf8');
  t.match(page, /<h2>Overlap with evaluation sets<\/h2>/);
  t.match(page, /<th scope="row">nq<\/th>\s*<td>1 \(12\.5.%\)<\/td>\s*<td>0 \(0\.0.%\)<\/td>/);

  const other = join(folder, 'none');
  await writeMadeUpRun(other, { steps: 1, questionsPerStep: 0 });
  const out = join(folder, 'two.html');
  const two = await ssp(['report', run, other, '--out', out, '--json', '--overlap', ...sets]);
  const { overlaps } = JSON.parse(two.stdout) as { overlaps: object[] };
  t.match(overlaps, [
    {
      name: `${basename(folder)}/run`,
      overlap: { accepted: 8, any: { questions: 1, answers: 8 } },
    },
    { name: 'none', overlap: { accepted: 0, any: { questions: 0, answers: 0 } } },
  ]);
});

test('ssp report names a question set that it cannot read, and writes nothing', async (t) => {
  const folder = t.testdir({ 'bad.jsonl': '{"id":"1","question":"Who?"}\n' });
  const run = join(folder, 'run');
  await writeMadeUpRun(run, { steps: 1, questionsPerStep: 2 });
  const bad = await ssp(['report', run, '--overlap', join(folder, 'bad.jsonl')]);
  t.equal(bad.exitCode, 2);
  t.match(bad.stderr, /SSP_QUESTIONS_INVALID: .*bad\.jsonl, line 1: .*golden_answers/);
  const missing = await ssp(['report', run, '--overlap', join(folder, 'nowhere.jsonl')]);
  t.match(missing.stderr, /SSP_FILE_NOT_FOUND: There is no question set/);
  await t.rejects(stat(join(run, 'report.html')), { code: 'ENOENT' });
});

test('ssp report refuses what it cannot do', async (t) => {
  const folder = t.testdir();
  const nowhere = await ssp(['report', join(folder, 'nowhere')]);
  t.equal(nowhere.exitCode, 2);
  t.match(nowhere.stderr, /SSP_FILE_NOT_FOUND: There is no run manifest/);
  const several = await ssp(['report', 'a', 'b']);
  t.match(several.stderr, /SSP_USAGE: A report of several runs needs --out/);
  t.equal((await ssp(['report', 'a', '--episode-mb', 'much'])).exitCode, 2);
});

function questionLines(rows: readonly (readonly [string, string, string])[]): string {
  return rows
    .map(([id, question, answer]) => JSON.stringify({ id, question, golden_answers: [answer] }))
    .map((line) => `${line}\n`)
    .join('');
}
