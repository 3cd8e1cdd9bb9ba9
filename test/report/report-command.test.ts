import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { ssp } from '../cli/ssp.ts';
import { writeMadeUpRun } from './made-up-run.ts';

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

test('ssp report refuses what it cannot do', async (t) => {
  const folder = t.testdir();
  const nowhere = await ssp(['report', join(folder, 'nowhere')]);
  t.equal(nowhere.exitCode, 2);
  t.match(nowhere.stderr, /SSP_FILE_NOT_FOUND: There is no run manifest/);
  const several = await ssp(['report', 'a', 'b']);
  t.match(several.stderr, /SSP_USAGE: A report of several runs needs --out/);
  t.equal((await ssp(['report', 'a', '--episode-mb', 'much'])).exitCode, 2);
});
