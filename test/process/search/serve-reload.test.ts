import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import t, { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { flipBit } from '../../material/retrieval/damage.ts';
import { currentData } from '../../material/retrieval/index-data.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { pause, towns } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // several processes, on whatever machine this is

/** What `/readyz` says of the index that is served. */
async function manifestHash(url: string): Promise<string> {
  const reply = await fetch(`${url}/readyz`);
  return ((await reply.json()) as { index: { manifestHash: string } }).index.manifestHash;
}

/** Builds the index of the corpus beside it anew, in a process of its own. */
async function rebuild(index: string, analyzer: string): Promise<string> {
  const corpus = join(index, '..', 'corpus');
  const options = ['--modes', 'bm25', '--analyzer', analyzer, '--force'];
  const { exitCode, stderr } = await ssp([
    ...['index', 'build', '--corpus', corpus, '--out', index, ...options],
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  return stderr;
}

function generations(index: string): Promise<string[]> {
  return readdir(join(index, 'generations'));
}

test('SIGHUP takes what another process has built, without a lost request', async (t) => {
  const index = await buildIndexOf(testFolder(t), towns);
  const service = await serveIndex(index);
  t.teardown(() => service.stop());
  const first = await manifestHash(service.url);
  const statuses = new Set<number | string>();
  const isOver = new AbortController();
  const clients = Array.from({ length: 8 }, async () => {
    while (!isOver.signal.aborted) {
      const query = encodeURIComponent('Sarn');
      const reply = await fetch(`${service.url}/v1/pages/${query}`).catch(() => undefined);
      statuses.add(reply?.status ?? 'broken');
      await reply?.arrayBuffer();
    }
  });
  const told = await rebuild(index, 'simple');
  t.match(told, `stays: process ${service.process.pid ?? 0} on `);
  t.equal(await manifestHash(service.url), first, 'what was opened stays');
  t.equal((await generations(index)).length, 2);
  service.process.kill('SIGHUP');
  while (!service.stderr().includes('reloaded: ')) await pause(20);
  t.not(await manifestHash(service.url), first);
  isOver.abort();
  await Promise.all(clients);
  t.same([...statuses], [200]);

  service.process.kill('SIGKILL'); // its lease stays, and holds nothing any more
  await service.stop();
  await rebuild(index, 'english');
  t.equal((await generations(index)).length, 1);
  t.same(await readdir(join(index, 'readers')), []);
});

test('with --watch it needs no signal', async (t) => {
  const index = await buildIndexOf(testFolder(t), towns);
  const service = await serveIndex(index, ['--watch']);
  t.teardown(() => service.stop());
  const first = await manifestHash(service.url);
  await rebuild(index, 'simple');
  while ((await manifestHash(service.url)) === first) await pause(20);
  t.equal(await service.stop(), 0);
});

test('--verify-files ends the command where a file is damaged', async (t) => {
  const index = await buildIndexOf(testFolder(t), towns);
  await flipBit(join(await currentData(index), 'journal.json'), 10); // no search reads it
  const { exitCode, stderr } = await ssp([
    'serve',
    '--index',
    index,
    '--port',
    '0',
    '--verify-files',
  ]);
  t.equal(exitCode, 2);
  t.match(stderr, /error SSP_INDEX_DAMAGED: .*journal\.json: its SHA-256 is/);
  const waiting = await serveIndex(index, ['--verify-files', '--watch']);
  t.teardown(() => waiting.stop());
  while (!waiting.stderr().includes('nothing is answered any more')) await pause(20);
  t.equal((await fetch(`${waiting.url}/readyz`)).status, 503);
  await rebuild(index, 'english');
  while ((await fetch(`${waiting.url}/readyz`)).status !== 200) await pause(20);
  t.equal(await waiting.stop(), 0);
});

test('a file of another size is refused at the start, with its name', async (t) => {
  const index = await buildIndexOf(testFolder(t), towns);
  const file = 'rows-by-title.bin';
  await truncate(join(await currentData(index), 'passages', file), 10);
  const { exitCode, stderr } = await ssp(['serve', '--index', index, '--port', '0']);
  t.equal(exitCode, 2);
  t.match(stderr, `${file}: it has 10 bytes`);
});
