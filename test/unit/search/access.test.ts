import { join } from 'node:path';

import { test } from 'tap';

import { carriesToken, isLoopback, serviceToken } from '../../../services/search/access.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

const token = 'a-token-of-some-length';

test('only loopback addresses go without a token', async (t) => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST']) {
    t.ok(isLoopback(host), host);
    t.equal(await serviceToken(serviceConfig.parse({ host }), {}), undefined);
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'example.org',
    '127.0.0.1.example.org',
  ]) {
    t.notOk(isLoopback(host), host);
    await t.rejects(serviceToken(serviceConfig.parse({ host }), {}), {
      code: 'SSP_TOKEN_REQUIRED',
    });
    t.equal(await serviceToken(serviceConfig.parse({ host, insecure: true }), {}), undefined);
    t.equal(await serviceToken(serviceConfig.parse({ host }), { SSP_TOKEN: token }), token);
  }
});

test('a token comes from a file or from SSP_TOKEN, and must be usable', async (t) => {
  const folder = t.testdir({ good: `${token}\n`, empty: '\n', spaced: 'two words of some length' });
  const of = (name: string, env: NodeJS.ProcessEnv = {}): Promise<string | undefined> =>
    serviceToken(serviceConfig.parse({ tokenFile: join(folder, name) }), env);
  t.equal(await of('good', { SSP_TOKEN: 'another-of-some-length' }), token, 'the file wins');
  await t.rejects(of('empty'), { code: 'SSP_TOKEN_INVALID' });
  await t.rejects(of('spaced'), { code: 'SSP_TOKEN_INVALID' });
  await t.rejects(of('missing'), { code: 'SSP_FILE_NOT_FOUND' });
  await t.rejects(serviceToken(serviceConfig.parse({}), { SSP_TOKEN: '' }), {
    code: 'SSP_TOKEN_INVALID',
  });
});

test('the header must carry exactly the token', (t) => {
  t.ok(carriesToken(`Bearer ${token}`, token));
  t.ok(carriesToken(`bearer  ${token} `, token));
  for (const header of [
    undefined,
    '',
    token,
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token} x`,
  ]) {
    t.notOk(carriesToken(header, token), String(header));
  }
  t.end();
});

test('with a token everything but health and the first page asks for it', async (t) => {
  const service = new RunningApp(standInIndex(), {}, token);
  const right = { authorization: `Bearer ${token}` };
  for (const path of ['/', '/healthz', '/health', '/readyz', '/ready']) {
    t.equal((await service.get(path)).status, 200, path);
  }
  for (const path of [
    '/metrics',
    '/openapi.json',
    '/v1/passages/1-0',
    '/v1/pages/Sarn',
    '/nowhere',
    '/healthz/',
  ]) {
    const refused = await service.get(path);
    t.equal(refused.status, 401, path);
    t.match(refused.body, { code: 'SSP_UNAUTHORIZED' });
    t.equal(refused.headers['www-authenticate'], 'Bearer');
    t.not((await service.get(path, right)).status, 401, path);
  }
  for (const path of ['/retrieve', '/v1/search']) {
    t.equal((await service.post(path, { query: 'Sarn' })).status, 401, path);
    t.equal((await service.post(path, { query: 'Sarn' }, right)).status, 200, path);
    const wrong = { authorization: 'Bearer wrong' };
    t.equal((await service.post(path, { query: 'Sarn' }, wrong)).status, 401, path);
  }
});
