import { test } from 'tap';

import { replySchemas } from '../../../services/search/schemas.ts';
import { SspError } from '../../../src/errors/error.ts';
import type { SearchReply } from '../../../src/types/search-service.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

const hybrid = new RunningApp(standInIndex({ modes: ['bm25', 'dense', 'hybrid'] }));

async function search(service: RunningApp, body: object): Promise<SearchReply> {
  const reply = await service.post('/v1/search', body);
  return replySchemas.search.parse(reply.body);
}

test('one query and several have the same shape, described by the schema', async (t) => {
  const one = await search(hybrid, { query: 'river Sarn', topK: 2 });
  t.match(one, { mode: 'hybrid', degraded: null, results: [{ truncated: false }] });
  t.strictSame(one.results[0]?.hits, [
    {
      id: '1-0',
      title: 'Velmora',
      url: 'https://wiki.example/Velmora',
      snippet:
        'Velmora is a town on the river Sarn. It was founded in 1284 by monks. Its market hall still stands.',
      text: 'Velmora is a town on the river Sarn. It was founded in 1284 by monks. Its market hall still stands.',
      truncated: false,
      score: 2,
      rank: 1,
    },
    {
      id: '2-0',
      title: 'Sarn',
      url: null,
      snippet: 'The Sarn is a river of 212 km that passes Velmora and Ostrel.',
      text: 'The Sarn is a river of 212 km that passes Velmora and Ostrel.',
      truncated: false,
      score: 2,
      rank: 2,
    },
  ]);
  const several = await search(hybrid, { queries: ['glass', 'xyzzy', 'river Sarn'], topK: 2 });
  t.equal(several.results.length, 3);
  t.equal(several.results[0]?.hits[0]?.section, 'Economy');
  t.strictSame(several.results[1], { hits: [], truncated: false });
  t.strictSame(several.results[2], one.results[0]);
});

test('a mode can be chosen; one that is missing is refused, never replaced in silence', async (t) => {
  t.equal((await search(hybrid, { query: 'town', mode: 'bm25' })).mode, 'bm25');
  const keywords = new RunningApp(standInIndex());
  t.equal((await search(keywords, { query: 'town' })).mode, 'bm25');
  const refused = await keywords.post('/v1/search', { query: 'town', mode: 'hybrid' });
  t.equal(refused.status, 400);
  t.match(refused.body, {
    code: 'SSP_MODE_UNAVAILABLE',
    details: { mode: 'hybrid', modes: 'bm25' },
  });
  const allowed = await search(keywords, { query: 'town', mode: 'hybrid', allowDegraded: true });
  t.equal(allowed.mode, 'bm25');
  t.match(allowed.degraded, {
    requested: 'hybrid',
    code: 'SSP_MODE_UNAVAILABLE',
    reason: /hybrid/,
  });
  t.ok((allowed.results[0]?.hits.length ?? 0) > 0);
});

test('an encoder that fails: an error, or bm25 with the reason where that is allowed', async (t) => {
  const failing = new RunningApp(
    standInIndex({
      modes: ['bm25', 'dense', 'hybrid'],
      onBatch(mode) {
        if (mode !== 'bm25') throw new SspError('SSP_NOT_READY', { state: 'encoder lost' });
      },
    }),
  );
  const refused = await failing.post('/v1/search', { query: 'town' });
  t.equal(refused.status, 503);
  const allowed = await search(failing, { query: 'town', allowDegraded: true });
  t.match(allowed, { mode: 'bm25', degraded: { requested: 'hybrid', code: 'SSP_NOT_READY' } });
});

test('maxChars cuts texts and says so', async (t) => {
  const reply = await search(hybrid, { query: 'river Sarn', topK: 2, maxChars: 45 });
  t.match(reply.results[0]?.hits[0], {
    text: 'Velmora is a town on the river Sarn.',
    snippet: 'Velmora is a town on the river Sarn.',
    truncated: true,
  });
  t.match(reply.results[0]?.hits[1], {
    text: 'The Sarn is a river of 212 km that passes',
    truncated: true,
  });
});

test('a query that the encoder cut is flagged', async (t) => {
  const long = Array.from({ length: 101 }, (_, i) => `w${i}`).join(' ');
  const reply = await search(hybrid, { queries: ['town', long] });
  t.strictSame(
    reply.results.map(({ truncated }) => truncated),
    [false, true],
  );
});

test('a query over the limit is cut, and says so', async (t) => {
  const service = new RunningApp(standInIndex(), { maxQueryChars: 4 });
  const [town, sarn] = (await search(service, { queries: ['town', 'Sarn'] })).results;
  const cut = await search(service, { queries: ['town hall', '  Sarn\u{1F600}', 'town'] });
  t.strictSame(cut.results, [{ ...town, truncated: true }, { ...sarn, truncated: true }, town]);
});

test('limits are errors with a code', async (t) => {
  const service = new RunningApp(standInIndex(), {
    ...{ maxQueries: 3, maxQueryChars: 10, maxHits: 20, maxBodyBytes: 2000 },
  });
  const refuse = async (path: string, body: object, code: string, status = 400): Promise<void> => {
    const reply = await service.post(path, body);
    t.equal(reply.status, status, JSON.stringify(body).slice(0, 60));
    t.match(reply.body, { code, message: String, remedy: String, details: Object });
  };
  await refuse('/v1/search', { queries: ['a', 'b', 'c', 'd'] }, 'SSP_LIMIT_EXCEEDED');
  await refuse('/v1/search', { query: 'x', topK: 1001 }, 'SSP_LIMIT_EXCEEDED');
  await refuse('/v1/search', { queries: ['a', 'b', 'c'], topK: 7 }, 'SSP_LIMIT_EXCEEDED');
  await refuse('/v1/search', { query: 'x', topK: 0 }, 'SSP_REQUEST_INVALID');
  await refuse('/v1/search', { query: 'x', topK: 1.5 }, 'SSP_REQUEST_INVALID');
  await refuse('/v1/search', { query: 'x', maxChars: 1 }, 'SSP_REQUEST_INVALID');
  await refuse('/v1/search', { query: 'x', queries: ['y'] }, 'SSP_REQUEST_INVALID');
  await refuse('/v1/search', {}, 'SSP_REQUEST_INVALID');
  await refuse('/retrieve', { queries: ['a', 'b', 'c', 'd'] }, 'SSP_LIMIT_EXCEEDED');
  await refuse('/retrieve', { queries: ['a'], topk: 1001 }, 'SSP_LIMIT_EXCEEDED');
  await refuse('/retrieve', { queries: ['a'], topk: 0 }, 'SSP_REQUEST_INVALID');
  await refuse('/retrieve', { queries: 'a' }, 'SSP_REQUEST_INVALID');
  await refuse('/retrieve', { queries: ['a'.repeat(3000)] }, 'SSP_BODY_TOO_LARGE', 413);
  t.equal((await service.post('/v1/search', { query: 'x'.repeat(10), topK: 20 })).status, 200);
});

test('an unknown key names the nearest known one', async (t) => {
  const slip = await hybrid.post('/v1/search', { query: 'town', topk: 3 });
  t.match(slip.body, { message: /unknown key "topk" \(did you mean "topK"\?\)/ });
  const retrieve = await hybrid.post('/retrieve', { querys: ['town'] });
  t.match(retrieve.body, { message: /unknown key "querys" \(did you mean "query"\?\)/ });
});
