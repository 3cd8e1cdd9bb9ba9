import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { buildByCommand, killBuild } from '../../material/indexer/killed-builds.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

test('killed at several moments, the same command gives the same index', async (t) => {
  const folder = t.testdir();
  const corpus = join(folder, 'corpus');
  await writeCorpus(corpus, smallPassages(1100));
  const undisturbed = await buildByCommand(corpus, join(folder, 'undisturbed'));
  const out = join(folder, 'killed');
  for (const share of [0.5, 0.7, 0.85]) {
    await killBuild(corpus, out, share * undisturbed.elapsedMs);
  }
  const resumed = await buildByCommand(corpus, out);
  t.equal(resumed.manifestHash, undisturbed.manifestHash);
  t.equal(resumed.manifest.passagesHash, undisturbed.manifest.passagesHash);
  t.equal(resumed.manifest.dense?.vectorsHash, undisturbed.manifest.dense?.vectorsHash);
  const verified = await ssp(['index', 'verify', '--index', out, '--corpus', corpus]);
  t.equal(verified.exitCode, 0, verified.stderr);
});

test('Ctrl-C ends with exit code 130 and says how to go on', async (t) => {
  const folder = t.testdir();
  const corpus = join(folder, 'corpus');
  await writeCorpus(corpus, smallPassages(20_000));
  const args = [
    'index',
    'build',
    '--corpus',
    corpus,
    '--out',
    join(folder, 'i'),
    '--modes',
    'bm25',
  ];
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  let sent = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (sent || !stderr.includes('passages:')) return;
    sent = child.kill('SIGINT');
  });
  const exitCode = await new Promise((resolve) => child.on('exit', resolve));
  t.equal(exitCode, 130, stderr);
  t.match(stderr, /SSP_INTERRUPTED/);
  t.match(stderr, /Run the same command again/);
  const again = await ssp(args);
  t.equal(again.exitCode, 0, again.stderr);
});

test('mistyped options and missing folders are coded errors', async (t) => {
  const folder = t.testdir();
  const missing = await ssp(['index', 'build', '--corpus', join(folder, 'no'), '--out', folder]);
  t.equal(missing.exitCode, 2);
  t.match(missing.stderr, /SSP_FILE_NOT_FOUND|SSP_ENCODER/);
  const mistyped = await ssp(['index', 'build', '--copus', 'x', '--out', folder]);
  t.equal(mistyped.exitCode, 2);
  t.match(mistyped.stderr, /--corpus/);
  const verify = await ssp(['index', 'verify', '--index', folder]);
  t.equal(verify.exitCode, 2);
  t.match(verify.stderr, /SSP_FILE_NOT_FOUND/);
});
