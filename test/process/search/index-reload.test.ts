import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import t, { test } from 'tap';

import type { Service } from '../../../services/search/service.ts';
import { serveIndex } from '../../../src/app/search-service.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { dataFiles } from '../../../src/retrieval/index-files.ts';
import { readHead } from '../../../src/retrieval/index-head.ts';
import type { Passage } from '../../../src/types/passage.ts';
import { flipBit } from '../../material/retrieval/damage.ts';
import { currentData } from '../../material/retrieval/index-data.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { pause } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(120_000); // builds under load, on whatever machine this is

const trades = ['glass', 'salt', 'rope', 'clocks'];

/** Passages whose ids say of which edition they are. */
function edition(number: number): Passage[] {
  return Array.from({ length: 40 }, (_, i) => ({
    id: `${number}-${i}`,
    title: `Town ${i}`,
    text: `Town ${i} is known for ${trades[i % trades.length] ?? ''}. ${i} people live there.`,
  }));
}

interface Served {
  readonly service: Service;
  /** The index folder. */
  readonly folder: string;
  readonly notes: string[];
  /** Puts an edition into the folder. */
  readonly build: (number: number) => Promise<string>;
}

/** A service of the first edition. */
async function serve(t: Test, settings: object = {}, prepare?: (folder: string) => Promise<void>) {
  const top = testFolder(t);
  const build = (number: number) => buildSmallIndex(top, edition(number), { force: true });
  const folder = await build(1);
  await prepare?.(folder);
  const notes: string[] = [];
  const service = await serveIndex(
    folder,
    configSchema.parse({ service: { port: 0, ...settings } }),
    { progress: { ...silentProgress, note: (text) => void notes.push(text) } },
  );
  t.teardown(() => service.stop());
  await service.ready;
  return { service, folder, notes, build } satisfies Served;
}

/** The edition that a request with two queries is answered from; a text for anything else. */
async function ask({ url }: Service): Promise<number | string> {
  const reply = await fetch(`${url}/retrieve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ queries: ['known for glass', `town ${Math.random()}`], topk: 3 }),
  }).catch((error: unknown) => String(error));
  if (typeof reply === 'string') return reply;
  const text = await reply.text();
  if (reply.status !== 200) return `${reply.status} ${text}`;
  const { result } = JSON.parse(text) as { result: { id: string }[][] };
  const editions = new Set(result.flat().map(({ id }) => Number(id.split('-')[0])));
  return editions.size === 1 ? ([...editions][0] ?? 0) : `mixed: ${text}`;
}

async function metric({ url }: Service, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1);
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await pause(10);
}

/** The one file with the passages. */
async function passagesFile(folder: string): Promise<string> {
  return join(await currentData(folder), 'passages', 'passages-00000.bin');
}

test('reloads under load lose no request and mix no answers', async (t) => {
  const { service, folder, build } = await serve(t, { cacheBytes: 0 });
  const seen: (number | string)[] = [];
  const isOver = new AbortController();
  const clients = Array.from({ length: 16 }, async () => {
    while (!isOver.signal.aborted) seen.push(await ask(service));
  });
  for (const number of [2, 3, 4]) {
    await build(number);
    const before = seen.length;
    await until(() => seen.length > before + 20);
    t.notOk(seen.includes(number), 'what was opened stays, whatever is built');
    await service.reload();
    t.equal(await ask(service), number);
  }
  isOver.abort();
  await Promise.all(clients);
  t.same(
    seen.filter((each) => typeof each === 'string'),
    [],
  );
  t.same([...new Set(seen)].sort(), [1, 2, 3, 4]);
  t.equal(await metric(service, 'ssp_reloads_total{result="ok"}'), '3');
  await until(async () => (await readdir(join(folder, 'readers'))).length === 1);
  await build(5);
  t.equal((await readdir(join(folder, 'generations'))).length, 2, 'those before are closed');
  await service.stop();
  t.same(await readdir(join(folder, 'readers')), []);
});

test('an index that cannot be loaded leaves the one before in its place', async (t) => {
  const { service, folder, notes, build } = await serve(t);
  await build(2);
  const path = await passagesFile(folder);
  const good = await readFile(path);
  await writeFile(path, good.subarray(1));
  await service.reload();
  t.equal(await ask(service), 1);
  t.equal((await fetch(`${service.url}/readyz`)).status, 200);
  t.match(notes.at(-1), /^the reload failed, and the index before stays: SSP_INDEX_DAMAGED: /);
  t.equal(await metric(service, 'ssp_reloads_total{result="failed"}'), '1');
  await writeFile(path, good);
  await service.reload();
  t.equal(await ask(service), 2);
});

test('with watch a build is taken by itself, once', async (t) => {
  const { service, build } = await serve(t, { watch: true });
  await build(2);
  await until(async () => (await ask(service)) === 2);
  await pause(2_500); // longer than from one look to the next
  t.equal(await metric(service, 'ssp_reloads_total{result="ok"}'), '1');
});

test('many calls for a reload while one is under way are one more', async (t) => {
  const { service, build } = await serve(t);
  await build(2);
  await Promise.all(Array.from({ length: 10 }, () => service.reload()));
  t.equal(await ask(service), 2);
  t.equal(await metric(service, 'ssp_reloads_total{result="ok"}'), '1');
});

test('files taken away under a service are read on; a build is taken all the same', async (t) => {
  const { service, folder, build } = await serve(t, { cacheBytes: 0 });
  await rm(join(folder, 'generations'), { recursive: true });
  t.equal(await ask(service), 1, 'what is open stays, whatever its names');
  await build(2);
  await service.reload();
  t.equal(await ask(service), 2);
});

test('files cut under a service are 503 with the reason, and a build mends it', async (t) => {
  const { service, folder, notes, build } = await serve(t, { cacheBytes: 0 });
  await truncate(await passagesFile(folder), 100);
  t.match(await ask(service), /^503 .*"code":"SSP_INDEX_DAMAGED".*it ends before byte/);
  const reply = await fetch(`${service.url}/readyz`);
  t.equal(reply.status, 503);
  t.match(await reply.json(), { status: 'failed', error: { code: 'SSP_INDEX_DAMAGED' } });
  t.equal(await metric(service, 'ssp_ready'), '0');
  t.match(service.failure, { code: 'SSP_INDEX_DAMAGED' });
  t.match(notes.at(-1), /^nothing is answered any more: SSP_INDEX_DAMAGED: /);
  await build(2);
  await service.reload();
  t.equal(await ask(service), 2);
  t.equal(service.failure, undefined);
});

test('files are hashed while they are served; a damaged one ends that', async (t) => {
  const sound = await serve(t, { verifyFiles: true });
  const { generation } = await readHead(sound.folder);
  const files = String((await dataFiles(sound.folder, generation)).length);
  await until(async () => (await metric(sound.service, 'ssp_index_files_verified')) === files);
  t.equal(await metric(sound.service, 'ssp_index_files'), files);
  t.equal(await metric(sound.service, 'ssp_index_files_damaged'), '0');
  t.equal(await ask(sound.service), 1);

  const damaged = await serve(t, { verifyFiles: true }, async (folder) => {
    await flipBit(join(await currentData(folder), 'journal.json'), 10); // no search reads it
  });
  await damaged.service.damage;
  t.match(await ask(damaged.service), /^503 .*SSP_INDEX_DAMAGED.*journal\.json: its SHA-256 is/);
  t.equal(await metric(damaged.service, 'ssp_index_files_damaged'), '1');
  t.match(damaged.service.failure, { code: 'SSP_INDEX_DAMAGED' });
});
