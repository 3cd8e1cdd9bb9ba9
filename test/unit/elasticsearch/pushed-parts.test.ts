import { test } from 'tap';

import { missingOf } from '../../../indexer/elasticsearch/missing-documents.ts';
import { createAnalyzer } from '../../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../../src/bm25/analyzer/languages.ts';
import { passageTerms } from '../../../src/bm25/analyzer/passage-terms.ts';
import { createWindowInverter } from '../../../src/bm25/build/invert-window.ts';
import { readClusterAccess } from '../../../src/elasticsearch/cluster-access.ts';
import {
  clusterAddressOf,
  indexAddress,
  isClusterAddress,
  parseClusterAddress,
} from '../../../src/elasticsearch/cluster-address.ts';
import { awkwardPassages, smallPassages } from '../../material/retrieval/small-corpus.ts';

test('addresses of an index in a cluster', (t) => {
  t.same(parseClusterAddress('elasticsearch+https://es1,es2:9300/wiki'), {
    nodes: ['https://es1:9200', 'https://es2:9300'],
    name: 'wiki',
  });
  t.same(parseClusterAddress('elasticsearch+https://[::1]:443/search/wiki').nodes, [
    'https://[::1]:443/search',
  ]);
  for (const place of [
    'elasticsearch+https://a:443,b:9200/p/wiki',
    'elasticsearch+http://a:80/wiki',
  ])
    t.equal(indexAddress(parseClusterAddress(place)), place);
  t.equal(
    indexAddress(clusterAddressOf('http://127.0.0.1:9200', 'wiki')),
    'elasticsearch+http://127.0.0.1:9200/wiki',
  );
  const wrong = [
    ...['elasticsearch://h/wiki', 'https://h:9200/wiki', 'elasticsearch+https:///wiki'],
    ...['elasticsearch+https://h', 'elasticsearch+https://h/Wiki', 'elasticsearch+https://h/a*'],
    ...[
      'elasticsearch+https://h:99999/wiki',
      'elasticsearch+https://h/wiki?x',
      'elasticsearch+https://a b/w',
    ],
    'elasticsearch+https://h/_all',
  ];
  for (const place of wrong) {
    t.ok(isClusterAddress(place), place);
    t.throws(() => parseClusterAddress(place), { code: 'SSP_CLUSTER_ADDRESS' }, place);
  }
  for (const text of ['elasticsearch+https://me:secret@h/wiki', 'https://me:secret@h']) {
    const read = () =>
      text.startsWith('e') ? parseClusterAddress(text) : clusterAddressOf(text, 'w');
    t.throws(read, { code: 'SSP_CLUSTER_ADDRESS', message: /^(?!.*secret).*password/ });
  }
  for (const folder of ['index', './a/b', '/data/index', 'C:\\index', 'elasticsearch'])
    t.notOk(isClusterAddress(folder), folder);
  t.end();
});

test('access is given once and whole', async (t) => {
  const user = { SSP_ELASTICSEARCH_USER: 'me', SSP_ELASTICSEARCH_PASSWORD: 'a:b' };
  const key = { SSP_ELASTICSEARCH_API_KEY: 'abc' };
  t.same(await readClusterAccess({}, {}), {});
  t.same(await readClusterAccess({}, user), { auth: { username: 'me', password: 'a:b' } });
  t.same(await readClusterAccess({}, key), { auth: { apiKey: 'abc' } });
  const {
    key: keyFile,
    login,
    none,
  } = {
    key: t.testdir({ key: 'abc\n', login: 'me:a:b\n', none: '' }) + '/key',
    login: `${t.testdirName}/login`,
    none: `${t.testdirName}/none`,
  };
  t.same(await readClusterAccess({ apiKeyFile: keyFile }, {}), { auth: { apiKey: 'abc' } });
  t.same(await readClusterAccess({ loginFile: login }, {}), {
    auth: { username: 'me', password: 'a:b' },
  });
  const refused = { code: 'SSP_CLUSTER_ACCESS' };
  await t.rejects(readClusterAccess({}, { ...user, ...key }), refused);
  await t.rejects(readClusterAccess({}, { SSP_ELASTICSEARCH_USER: 'me' }), refused);
  await t.rejects(readClusterAccess({}, { SSP_ELASTICSEARCH_API_KEY: 'a\nb' }), refused);
  for (const file of [none, `${none}.none`]) {
    await t.rejects(readClusterAccess({ apiKeyFile: file }, {}), refused);
    await t.rejects(readClusterAccess({ caFile: file }, {}), refused);
  }
});

test('the terms that are pushed are those that the engine counts', (t) => {
  const passages = [
    ...awkwardPassages,
    ...smallPassages(40),
    { title: `${'word'.repeat(100)} 日本`, text: `${'é'.repeat(300)} 東京都 ไทย naïve` },
  ];
  for (const [name, titleWeight] of [
    ['english', 2],
    ['simple', 1],
  ] as const) {
    const analyzer = createAnalyzer(analyzerOf(name));
    const window = createWindowInverter(analyzer, titleWeight).invert(passages);
    const counted = passages.map(() => new Map<string, number>());
    for (const number of window.order) {
      for (let p = window.starts[number] ?? 0; p < (window.starts[number + 1] ?? 0); p += 1)
        counted[window.rows[p] ?? 0]?.set(window.terms[number] ?? '', window.frequencies[p] ?? 0);
    }
    for (const [row, passage] of passages.entries()) {
      const terms = passageTerms(analyzer, passage, titleWeight);
      const pushed = new Map<string, number>();
      for (const term of terms) pushed.set(term, (pushed.get(term) ?? 0) + 1);
      t.same(new Map([...pushed].sort()), new Map([...(counted[row] ?? [])].sort()));
      t.equal(terms.length, window.lengths[row]);
    }
  }
  t.end();
});

test('what is missing of counted blocks', (t) => {
  const counts = new Map([
    [0, 10],
    [10, 7],
    [30, 3],
  ]);
  t.same(missingOf(counts, 34, 10), { count: 14, ranges: [{ first: 10, end: 34 }] });
  t.same(missingOf(new Map([[10, 10]]), 25, 10), {
    count: 15,
    ranges: [
      { first: 0, end: 10 },
      { first: 20, end: 25 },
    ],
  });
  t.same(missingOf(new Map(), 0, 10), { count: 0, ranges: [] });
  t.end();
});
