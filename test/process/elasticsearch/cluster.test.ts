import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import t, { test } from 'tap';

import { pushTo } from '../../../src/app/push-index.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { openClusterIndex } from '../../../src/elasticsearch/open-cluster-index.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { Encoder } from '../../../src/types/encoder.ts';
import type { Passage } from '../../../src/types/passage.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import type { BruteScore } from '../../contract/retrieval/retriever.contract.ts';
import { retrieverContract } from '../../contract/retrieval/retriever.contract.ts';
import { ssp } from '../../material/cli/ssp.ts';
import type { TestCluster } from '../../material/elasticsearch/cluster.ts';
import { startCluster } from '../../material/elasticsearch/cluster.ts';
import { missingElasticsearch } from '../../material/elasticsearch/distribution.ts';
import { faultyProxy } from '../../material/elasticsearch/faulty-proxy.ts';
import {
  best,
  fuse,
  innerProducts,
  passages,
  plainBm25,
  queries,
} from '../../material/retrieval/brute-force.ts';
import { smallPassages } from '../../material/retrieval/small-corpus.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // a server starts, beside whatever else runs
t.jobs = 1;

const skip = missingElasticsearch();
const aliases = [
  { alias: 'Lutetia', title: 'Paris' },
  { alias: 'Nowhere', title: 'No such page' },
];
const signal = new AbortController().signal;
const unpushed = { number_of_replicas: 0 };
let cluster: TestCluster;
let url: string;
let folder: string;
let embedded: SearchIndex;

t.before(async () => {
  if (skip !== false) return;
  cluster = await startCluster();
  [url = ''] = cluster.urls;
  folder = await buildSmallIndex(t.testdir(), passages, {
    aliases,
    encoder: standInEncoder(),
    config: { fusion: 'reciprocal-rank', fusionDepth: 100, bm25Weight: 3 },
  });
  embedded = await openIndex(folder, { encoder: standInEncoder() });
});
t.after(async () => {
  await (embedded as SearchIndex | undefined)?.close();
  await (cluster as TestCluster | undefined)?.stop();
});

interface Settings {
  readonly push?: object;
  readonly elasticsearch?: object;
}

function push(
  name: string,
  { push: given = {}, elasticsearch = {} }: Settings = {},
  from = folder,
) {
  const config = configSchema.parse({ push: { replicas: 0, ...given }, elasticsearch });
  return pushTo({ folder: from, to: url, name }, config, { progress: silentProgress, signal });
}

function open(
  name: string,
  {
    elasticsearch = {},
    at = url,
    encoder = standInEncoder(),
  }: {
    readonly elasticsearch?: object;
    readonly at?: string;
    readonly encoder?: Encoder;
  } = {},
): Promise<SearchIndex> {
  return openClusterIndex(`elasticsearch+${at}/${name}`, {
    encoder,
    elasticsearch: configSchema.parse({ elasticsearch }).elasticsearch,
  });
}

async function pushed(test: Pick<typeof t, 'teardown'>, name: string, settings: Settings = {}) {
  await push(name, settings);
  const index = await open(name);
  test.teardown(() => index.close());
  return index;
}

/** What is left of a length in the byte that Lucene keeps (SmallFloat.intToByte4 and back). */
function lengthInByte(length: number): number {
  if (length < 40) return length;
  const rest = length - 24;
  const shift = 32 - Math.clz32(rest) - 4;
  return ((rest >>> shift) << shift) + 24;
}

/** Floats of 32 bits, of a score of a few dozen. */
const tolerance = 1e-4;

for (const shards of [1, 3]) {
  test(`contract: bm25 in ${shards} shards`, { skip }, async (t) => {
    const index = await pushed(t, `bm25-${shards}`, { push: { shards } });
    t.same(index.modes, ['bm25', 'dense', 'hybrid']);
    await retrieverContract(t, {
      retriever: index.retriever('bm25'),
      ...{ passages, queries, tolerance },
      bruteForce: plainBm25('english', 2, lengthInByte),
    });
  });
}

for (const vectorIndex of ['flat', 'int8_hnsw'] as const) {
  test(`contract: dense, ${vectorIndex}`, { skip }, async (t) => {
    const index = await pushed(t, `dense-${vectorIndex.replace('_', '-')}`, {
      push: { vectorIndex },
    });
    await retrieverContract(t, {
      retriever: index.retriever('dense'),
      ...{ passages, queries },
      bruteForce: innerProducts,
      tolerance: 1e-5,
      recall: vectorIndex === 'flat' ? 1 : 0.95,
    });
  });
}

test('contract: hybrid, fused here', { skip }, async (t) => {
  const index = await pushed(t, 'dense-flat', { push: { vectorIndex: 'flat' } });
  const share = (scores: BruteScore[], weight: number): BruteScore[] =>
    best(scores, 1000).map(({ id }, i) => ({ id, score: weight / (60 + i + 1) }));
  const bm25 = plainBm25('english', 2, lengthInByte);
  await retrieverContract(t, {
    retriever: index.retriever('hybrid'),
    ...{ passages, queries },
    bruteForce: (query) =>
      fuse([share(best(bm25(query), 100), 0.75), share(best(innerProducts(query), 100), 0.25)]),
    tolerance: 1e-6,
  });
});

test('passages, pages and redirects are those of the folder', { skip }, async (t) => {
  const index = await pushed(t, 'bm25-1');
  t.same(index.manifest, embedded.manifest);
  t.equal(index.manifestHash, embedded.manifestHash);
  for (const { id } of passages.slice(0, 60))
    t.same(await index.passage(id), await embedded.passage(id));
  t.equal(await index.passage('no such id'), undefined);
  for (const title of ['Paris', 'Lutetia', 'Nowhere', 'paris', passages.at(-1)?.title ?? '']) {
    t.same(await index.page(title), await embedded.page(title), title);
  }
  t.ok((await index.page('Lutetia'))?.redirectedFrom);
  t.same(await index.sample(40), await embedded.sample(40));
  const many = Array.from({ length: 3000 }, (_value, i) => `word${i}`).join(' ');
  const [cut] = await index.retriever('bm25').search([`river ${many}`], { topK: 3 });
  t.ok(
    cut?.truncated && cut.hits.length > 0,
    'too many terms: the first are searched, and it is said',
  );
});

test('what Lucene or JSON might trip over arrives as it is', { skip }, async (t) => {
  const long = 'é'.repeat(9000);
  const odd: Passage[] = [
    { id: long, title: `${long}!`, text: 'a long name' },
    { id: '\u001c', title: '!\u001c!', text: 'separators \u001d and \u0000 in a text' },
    { id: 'half', title: 'Half \ud83d', text: 'half of a pair' },
    { id: 'empty', title: '', text: '' },
    { id: 'words', title: 'Long words', text: `${'x'.repeat(40_000)} ${'日本'.repeat(2000)}` },
  ];
  const dir = testFolder(t);
  const from = await buildSmallIndex(dir, odd);
  await push('odd', {}, from);
  const [index, other] = [await open('odd'), await openIndex(from)];
  t.teardown(async () => {
    await index.close();
    await other.close();
  });
  for (const { id, title } of odd) {
    t.same(await index.passage(id), await other.passage(id));
    t.same(await index.page(title), await other.page(title));
  }
  const asked = [`${long}!`, '!\u001c!', 'half', 'separators', '日本', 'x'.repeat(40_000)];
  const ids = async (from: SearchIndex) =>
    (await from.retriever('bm25').search(asked, { topK: 3 })).map(({ hits }) =>
      hits.map(({ id }) => id),
    );
  t.same(await ids(index), await ids(other));
});

test('a push again, two at once, and another index under the name', { skip }, async (t) => {
  const [one, two] = await Promise.all([push('again'), push('again')]);
  t.equal(one.index, two.index);
  const [before, again] = [await open('again'), await push('again')];
  t.teardown(() => before.close());
  t.same([again.pushed, again.former], [0, []]);
  const answers = await before.retriever('bm25').search(queries, { topK: 5 });

  const other = await buildSmallIndex(testFolder(t), smallPassages(60, 9), {});
  const replaced = await push('again', {}, other);
  t.same(replaced.former, [{ index: one.index, removed: false }], 'what stays is said');
  t.same(
    await before.retriever('bm25').search(queries, { topK: 5 }),
    answers,
    'an open index stays',
  );
  const after = await open('again');
  t.teardown(() => after.close());
  t.equal(after.manifest.passages, 60);
  t.not(after.generation, before.generation);

  const config = configSchema.parse({ push: { replicas: 0 } });
  const request = { folder, to: url, name: 'again', removeFormer: true };
  const removing = await pushTo(request, config, { progress: silentProgress, signal });
  t.same(removing.former, [{ index: replaced.index, removed: true }]);
  await t.rejects(after.retriever('bm25').search(['river'], { topK: 3 }), {
    code: 'SSP_CLUSTER_INDEX_UNKNOWN',
  });
});

test('what is no finished index of ours is refused', { skip }, async (t) => {
  const { index } = await push('refused');
  await t.rejects(open('refusd'), { code: 'SSP_CLUSTER_INDEX_UNKNOWN', message: /refused/ });
  await t.rejects(open('refused', { encoder: standInEncoder({ queryPrefix: 'query: ' }) }), {
    code: 'SSP_ENCODER_MISMATCH',
  });
  const change = async (edit: (ssp: Record<string, unknown>) => object): Promise<void> => {
    const mapping = (await call(`${index}/_mapping`)) as Mapping;
    const ssp = edit(mapping[index]?.mappings._meta.ssp ?? {});
    await call(`${index}/_mapping`, 'PUT', { _meta: { ssp } });
  };
  await change((ssp) => ({ ...ssp, finished: false }));
  await t.rejects(open('refused'), { code: 'SSP_CLUSTER_INDEX_UNFINISHED' });
  await push('refused');
  await change((ssp) => ({ ...ssp, shards: 7 }));
  await t.rejects(open('refused'), { code: 'SSP_CLUSTER_INDEX_FOREIGN', message: /checksum/ });
  await call('foreign', 'PUT', { settings: unpushed });
  await t.rejects(open('foreign'), { code: 'SSP_CLUSTER_INDEX_FOREIGN' });
  await t.rejects(push('foreign'), { code: 'SSP_CLUSTER_INDEX_FOREIGN' }, 'it is not replaced');
});

interface Mapping {
  readonly [index: string]: {
    readonly mappings: { readonly _meta: { readonly ssp: Record<string, unknown> } };
  };
}

async function call(path: string, method = 'GET', body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  const reply = await fetch(`${url}/${path}`, init);
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return reply.json();
}

test('a cluster that fails is tried again, and then told: never no hits', { skip }, async (t) => {
  await push('faults');
  const proxy = await faultyProxy(url);
  t.teardown(() => proxy.stop());
  const elasticsearch = { patienceSeconds: 0.3, requestTimeoutMs: 500 };
  const index = await open('faults', { at: proxy.url, elasticsearch });
  t.teardown(() => index.close());
  const search = () => index.retriever('bm25').search(['river castle'], { topK: 3 });
  const expected = await search();
  t.ok((expected[0]?.hits.length ?? 0) > 0);
  const kinds = [
    [{ status: 429 }, 'SSP_CLUSTER_OVERLOADED'],
    [{ status: 503, type: 'search_phase_execution_exception' }, 'SSP_CLUSTER_UNAVAILABLE'],
    ['cut', 'SSP_CLUSTER_UNREACHABLE'],
    ['silence', 'SSP_CLUSTER_TIMEOUT'],
  ] as const;
  for (const [fault, code] of kinds) {
    proxy.set((_path, number) => (number === 0 ? fault : undefined));
    t.same(await search(), expected, `${code} once`);
    proxy.set(() => fault);
    await t.rejects(search(), { code }, `${code} for good`);
  }
  const final = [
    [{ status: 401, type: 'security_exception' }, 'SSP_CLUSTER_UNAUTHORIZED'],
    [{ status: 403, type: 'security_exception' }, 'SSP_CLUSTER_UNAUTHORIZED'],
    [{ status: 400 }, 'SSP_CLUSTER_FAILED'],
    ['not-elasticsearch', 'SSP_CLUSTER_FOREIGN'],
  ] as const;
  for (const [fault, code] of final) {
    let asked = 0;
    proxy.set(() => ((asked += 1), fault));
    await t.rejects(search(), { code });
    t.equal(asked, 1, `${code} is not tried again`);
    await t.rejects(open('faults', { at: proxy.url, elasticsearch }), { code });
  }
  await proxy.stop();
  await t.rejects(open('faults', { at: proxy.url, elasticsearch }), {
    code: 'SSP_CLUSTER_UNREACHABLE',
  });
});

test(
  'a push over a faulty line, and into an index that is closed to writing',
  { skip },
  async (t) => {
    const from = await buildSmallIndex(testFolder(t), smallPassages(100, 3), {});
    const proxy = await faultyProxy(url);
    t.teardown(() => proxy.stop());
    const config = configSchema.parse({ push: { replicas: 0, bulkBytes: 4096 } });
    const request = { folder: from, to: proxy.url, name: 'faulty' };
    const job = { progress: silentProgress, signal };
    proxy.set((path, number) =>
      path.includes('_bulk') && number % 5 === 0
        ? number % 2 === 0
          ? 'cut'
          : { status: 503 }
        : undefined,
    );
    const { index } = await pushTo(request, config, job);
    const { count } = (await call(`${index}/_count`)) as { count: number };
    t.equal(count, 100, 'every document, none twice');

    const second = await buildSmallIndex(testFolder(t), smallPassages(30, 4), {});
    proxy.set((path) =>
      path.includes('_bulk') ? { status: 403, type: 'security_exception' } : undefined,
    );
    await t.rejects(pushTo({ ...request, folder: second }, config, job), {
      code: 'SSP_CLUSTER_UNAUTHORIZED',
    });
    const unfinished = Object.keys((await call('faulty-*')) as object).find(
      (name) => name !== index,
    );
    await call(`${unfinished ?? ''}/_settings`, 'PUT', {
      'index.blocks.write': true, // the block of a full disk is lifted by a server that sees none
    });
    proxy.set(() => undefined);
    await t.rejects(pushTo({ ...request, folder: second }, config, job), {
      code: 'SSP_CLUSTER_READ_ONLY',
    });
    const still = await open('faulty');
    t.equal(still.manifest.passages, 100, 'nothing was switched');
    await still.close();
  },
);

test('the commands, and a secret that is nowhere', { skip }, async (t) => {
  const proxy = await faultyProxy(url);
  t.teardown(() => proxy.stop());
  const dir = testFolder(t);
  const key = 'c2VjcmV0OmtleQ==';
  const env = { SSP_ELASTICSEARCH_API_KEY: key };
  const args = ['index', 'push', '--index', folder, '--to', proxy.url, '--name', 'command'];
  const done = await ssp([...args, '--replicas', '0'], env);
  t.equal(done.exitCode, 0, done.stderr);
  t.match(done.stdout, /Next: npx ssp serve --index elasticsearch\+http/);
  t.same([...proxy.authorizations], [`ApiKey ${key}`]);
  const place = `elasticsearch+${proxy.url}/command`;
  const found = await ssp(['search', '--index', place, '--mode', 'bm25', '--json', 'river'], env);
  const [expected] = await embedded.retriever('bm25').search(['river'], { topK: 1 });
  t.match(JSON.parse(found.stdout), { results: [{ hits: [{ text: expected?.hits[0]?.text }] }] });
  proxy.set(() => ({ status: 401, type: 'security_exception', reason: `no key ${key}` }));
  const refused = await ssp(['search', '--index', place, 'river'], env);
  t.equal(refused.exitCode, 2);
  const meta = JSON.stringify(await call('command/_mapping'));
  await writeFile(
    join(dir, 'all'),
    [done.stdout, done.stderr, refused.stdout, refused.stderr, meta].join(),
  );
  t.notMatch(await readFile(join(dir, 'all'), 'utf8'), key);
});
