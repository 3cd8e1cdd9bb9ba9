import { test } from 'tap';

import { hostName } from '../../../services/search/web-access.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

// What holds on a loopback address is in test/services, for both services.

const token = 'a-token-of-some-length';
const foreign = ['evil.example', 'search.lan.evil.example', '10.0.0.1.evil.example'];
const addresses = ['10.0.0.1', '10.0.0.1:8000', '[fd00::1]:8000', '127.0.0.1', 'localhost:80'];

/** Those of `hosts` as which a service with these settings answers. */
async function answered(
  hosts: readonly string[],
  settings: object,
  secret?: string,
): Promise<string[]> {
  const service = new RunningApp(standInIndex(), settings, secret);
  const statuses = await Promise.all(
    hosts.map(async (host) => (await service.get('/healthz', { host })).status),
  );
  return hosts.filter((_host, row) => statuses[row] === 200);
}

test('for other machines the token decides, unless hosts are named', async (t) => {
  const host = '0.0.0.0';
  const all = [...addresses, ...foreign, 'search.lan'];
  t.strictSame(await answered(all, { host }, token), all);
  const named = { host, allowedHosts: ['search.lan'] };
  t.strictSame(await answered(all, named, token), [...addresses, 'search.lan']);
});

test('for other machines without a token: no name that a page could have', async (t) => {
  const insecure = { host: '::', insecure: true };
  const own = [...addresses, 'search', 'search:8000'];
  t.strictSame(await answered([...own, ...foreign, 'search.lan'], insecure), own);
  const named = { ...insecure, allowedHosts: ['search.lan:8000', 'fd00::2'] };
  const hosts = [...addresses, 'Search.Lan', 'search', ...foreign];
  t.strictSame(await answered(hosts, named), [...addresses, 'Search.Lan']);
});

test('the name that a service listens on is its own', async (t) => {
  const settings = { host: 'Search.example', insecure: true, allowedHosts: ['x.example'] };
  const hosts = ['search.example.', 'x.example', 'evil.example'];
  t.strictSame(await answered(hosts, settings), hosts.slice(0, 2));
});

test('hosts in their plain form', (t) => {
  const plain = {
    ...{ 'Search.LAN.:80': 'search.lan', '[::FFFF:127.0.0.1]:1': '::ffff:7f00:1', a_b: 'a_b' },
    ...{ '0x7f.1': '127.0.0.1', 'localhost:': 'localhost' },
  };
  for (const [header, name] of Object.entries(plain)) t.equal(hostName(header), name);
  for (const header of [
    '',
    ':80',
    'a b',
    'a/b',
    'a:b',
    'a@b',
    'a%62',
    '[::1',
    '::1',
    '1.2.3.256',
  ]) {
    t.equal(hostName(header), undefined, header);
  }
  t.end();
});
