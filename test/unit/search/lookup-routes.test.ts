import { test } from 'tap';

import { standInIndex, towns } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

const service = new RunningApp(standInIndex({ aliases: { 'Velmora town': 'Velmora' } }));

test('a passage by its id, slashes included', async (t) => {
  t.strictSame((await service.get('/v1/passages/1-1')).body, towns[1]);
  t.strictSame((await service.get('/v1/passages/4%2Fa-0')).body, towns[4]);
  t.strictSame((await service.get('/v1/passages/4/a-0')).body, towns[4]);
  const unknown = await service.get('/v1/passages/9-9');
  t.equal(unknown.status, 404);
  t.match(unknown.body, { code: 'SSP_PASSAGE_UNKNOWN', details: { id: '9-9' } });
});

test('a page by its exact title, redirects followed', async (t) => {
  t.strictSame((await service.get('/v1/pages/Velmora')).body, {
    title: 'Velmora',
    passages: [towns[0], towns[1]],
  });
  const redirected = { title: 'Velmora', redirectedFrom: 'Velmora town' };
  t.match((await service.get('/v1/pages/Velmora%20town')).body, redirected);
  t.match((await service.get('/v1/pages/Velmora_town')).body, redirected, 'as Wikipedia writes it');
  t.equal((await service.get('/v1/pages/velmora')).status, 404);
  t.match((await service.get('/v1/pages/Nowhere')).body, { code: 'SSP_PAGE_UNKNOWN' });
});

test('titles of any characters', async (t) => {
  for (const path of ['AC/DC', 'AC%2FDC', encodeURIComponent('Žižkov? 100%')]) {
    t.equal((await service.get(`/v1/pages/${path}`)).status, 200, path);
  }
  const long = encodeURIComponent('ž'.repeat(300));
  t.match((await service.get(`/v1/pages/${long}`)).body, { code: 'SSP_PAGE_UNKNOWN' });
});

test('HEAD and a query string are fine; other methods name what is allowed', async (t) => {
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/passages/1-1' });
  t.equal(head.statusCode, 200);
  t.equal(head.body, '');
  t.equal((await service.get('/v1/passages/1-1?x=1')).status, 200);
  const wrong = await service.post('/v1/passages/1-1', {});
  t.equal(wrong.status, 405);
  t.equal(wrong.headers['allow'], 'GET, HEAD');
  t.match(wrong.body, { code: 'SSP_METHOD_NOT_ALLOWED' });
});
