import { join } from 'node:path';

import { Command } from 'commander';
import { test } from 'tap';

import { carriesToken, isLoopback, serviceToken } from '../../../services/search/access.ts';
import { addConfigOptions, resolveConfig } from '../../../src/cli/section-options.ts';
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
  t.equal((await service.post('/mcp', {})).status, 401);
  for (const path of ['/retrieve', '/v1/search']) {
    t.equal((await service.post(path, { query: 'Sarn' })).status, 401, path);
    t.equal((await service.post(path, { query: 'Sarn' }, right)).status, 200, path);
    const wrong = { authorization: 'Bearer wrong' };
    t.equal((await service.post(path, { query: 'Sarn' }, wrong)).status, 401, path);
  }
});

const networks = ['10.0.0.0/8', 'fd00::/8', '192.168.1.7', '::ffff:172.16.0.0/108'];
const inside = [
  '10.1.2.3',
  '::ffff:10.1.2.3',
  'fd12::1',
  'fd12::1%eth0',
  '192.168.1.7',
  '172.31.0.1',
];
const outside = ['11.0.0.1', '::ffff:11.0.0.1', 'fe80::1%eth0', '192.168.1.8', '172.32.0.1'];
const here = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/** Status by address; a proxy may say what it likes. */
async function statuses(service: RunningApp, addresses: readonly string[], headers = {}) {
  const forwarded = { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1', ...headers };
  const replies = addresses.map((from) => service.getFrom(from, '/v1/passages/1-0', forwarded));
  return new Set((await Promise.all(replies)).map(({ status }) => status));
}

test('without a token the networks that are let in, and this machine', async (t) => {
  const config = { host: '0.0.0.0', allow: networks };
  t.equal(await serviceToken(serviceConfig.parse(config), {}), undefined);
  const service = new RunningApp(standInIndex(), config);
  t.strictSame(await statuses(service, [...inside, ...here]), new Set([200]));
  t.strictSame(await statuses(service, outside), new Set([403]));
  const refused = await service.getFrom('::ffff:11.0.0.1', '/nowhere');
  t.match(refused.body, { code: 'SSP_ADDRESS_REFUSED', details: { address: '11.0.0.1' } });
  t.equal((await service.getFrom('11.0.0.1', '/healthz')).status, 200, 'open to all');
  t.match((await service.get('/')).body, { access: /from this machine and 10\.0\.0\.0\/8/ });
});

test('agents over MCP come from the same networks', async (t) => {
  const { app } = new RunningApp(standInIndex(), { host: '0.0.0.0', allow: networks });
  const ask = (remoteAddress: string) =>
    app.inject({
      ...{ method: 'POST', url: '/mcp', remoteAddress },
      headers: { accept: 'application/json, text/event-stream', 'x-forwarded-for': '10.0.0.1' },
      payload: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
  for (const from of ['10.1.2.3', '127.0.0.1']) t.equal((await ask(from)).statusCode, 200, from);
  const refused = await ask('11.0.0.1');
  t.equal(refused.statusCode, 403);
  t.match(refused.json(), { jsonrpc: '2.0', error: { data: { code: 'SSP_ADDRESS_REFUSED' } } });
});

test('with a token these networks need none, others and this machine do', async (t) => {
  const service = new RunningApp(standInIndex(), { host: '::', allow: networks }, token);
  t.strictSame(await statuses(service, inside), new Set([200]));
  t.strictSame(await statuses(service, [...outside, ...here]), new Set([401]));
  const right = { authorization: `Bearer ${token}` };
  t.strictSame(await statuses(service, outside, right), new Set([200]));
});

test('a page in a browser of such a network is held off by the names it can have', async (t) => {
  for (const secret of [undefined, token]) {
    const service = new RunningApp(standInIndex(), { host: '::', allow: networks }, secret);
    const asked = (host: string) => service.getFrom('10.0.0.9', '/v1/passages/1-0', { host });
    t.equal((await asked('evil.example')).status, 403);
    t.equal((await asked('10.0.0.1:8000')).status, 200);
  }
});

test('networks that cannot be, or change nothing, are refused', async (t) => {
  const wrong = {
    ...{ '10.0.0.1/8': /10\.0\.0\.0\/8/, '10.0.0.0/33': /0 to 32/, '::1/129': /0 to 128/ },
    ...{ '10.0.0/8': /give a network/, 'fd00::1/8': /begins/, 'a.example': /give a network/ },
    ...{ '': /give a network/, 'fe80::1%eth0/64': /give a network/, '10.0.0.0/-1': /give a/ },
  };
  for (const [network, message] of Object.entries(wrong)) {
    t.match(serviceConfig.safeParse({ allow: [network] }).error?.message, message, network);
  }
  for (const config of [
    { host: '0.0.0.0', insecure: true, allow: ['10.0.0.0/8'] },
    { host: '127.0.0.1', allow: ['10.0.0.0/8'] },
  ]) {
    await t.rejects(serviceToken(serviceConfig.parse(config), {}), { code: 'SSP_ALLOW_USELESS' });
  }
  for (const allow of [['127.0.0.0/8'], ['0.0.0.0/0'], ['::1']]) {
    await serviceToken(serviceConfig.parse({ allow }), {});
  }
});

test('a list is given with commas, or by its flag several times', async (t) => {
  const command = addConfigOptions(new Command(), 'service').exitOverride();
  command.parse(['--allow', '10.0.0.0/8, fd00::/8', '--allow', '::1'], { from: 'user' });
  const { service } = await resolveConfig(command.opts(), 'service');
  t.strictSame(service.allow, ['10.0.0.0/8', 'fd00::/8', '::1']);
});
