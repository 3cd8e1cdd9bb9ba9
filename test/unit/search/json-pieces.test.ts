import fc from 'fast-check';
import { test } from 'tap';

import { jsonPieces } from '../../../services/search/json-pieces.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

test('pieces are the JSON text of the whole', (t) => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => [...jsonPieces(value)].join('') === JSON.stringify(value),
    ),
  );
  const body = { a: undefined, b: [{ c: undefined, d: [] }, {}], e: { f: null } };
  t.equal([...jsonPieces(body)].join(''), JSON.stringify(body));
  t.end();
});

test('pieces are short, and made when they are asked for', (t) => {
  let made = 0;
  const item = {
    toJSON() {
      made += 1;
      return 'x'.repeat(100);
    },
  };
  const pieces = jsonPieces({ list: Array.from({ length: 100_000 }, () => ({ item })) });
  const [first = ''] = pieces;
  t.ok(first.length < 70_000);
  t.ok(made < 1_000, `${made} made`);
  t.end();
});

test('large replies are the same in pieces', async (t) => {
  const text = `A river. ${'word, '.repeat(50_000)}`;
  const passages = Array.from({ length: 8 }, (_, i) => ({ id: `${i}`, title: 'River', text }));
  const service = new RunningApp(standInIndex({ passages }));
  const found = passages.map((passage) => ({
    ...passage,
    contents: `"River"\n${text}`,
    url: '/v1/pages/River',
  }));
  const retrieved = await service.post('/retrieve', { query: 'river', topk: 8 });
  t.equal(retrieved.headers['content-type'], 'application/json; charset=utf-8');
  t.strictSame(retrieved.body, { result: [found] });
  t.notOk('content-length' in retrieved.headers, 'it was not made as one');
  const searched = await service.post('/v1/search', { queries: ['river', ''], topK: 8 });
  t.match(searched.body, { mode: 'bm25', results: [{ hits: passages }, { hits: [] }] });
  const page = await service.get('/v1/pages/River');
  t.strictSame(page.body, { title: 'River', passages });
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/pages/River' });
  t.strictSame([head.statusCode, head.body], [200, '']);
});
