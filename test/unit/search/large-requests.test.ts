import { test } from 'tap';

import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

const service = new RunningApp(standInIndex());
const bodyChars = 3_000_000;
/** Of an error, in bytes. */
const largestError = 2_000;

/** `part(0)part(1)...` until it is as long as a large body. */
function filled(part: (at: number) => string): string {
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; length < bodyChars; at += 1) {
    const next = part(at);
    parts.push(next);
    length += next.length;
  }
  return parts.join('');
}

const pairs = (open: string, close: string): string =>
  open.repeat(bodyChars / (2 * open.length)) + close.repeat(bodyChars / (2 * open.length));
const long = 'x'.repeat(bodyChars);
const digits = '9'.repeat(1_000_000);

const bodies: Readonly<Record<string, string>> = {
  'a long key': `{"query": "a", "${long}": 1}`,
  'many keys': `{"query": "a"${filled((at) => `,"${at}":1`)}}`,
  'many keys that are nearly right': `{"query": "a"${filled((at) => `,"querys${at}":1`)}}`,
  'many long keys': `{"query": "a"${filled((at) => `,"${String(at).padStart(300, 'k')}":1`)}}`,
  'many wrong elements': `{"queries": [${'1,'.repeat(bodyChars / 2)}1]}`,
  'many tables': `{"queries": [${'{},'.repeat(bodyChars / 3)}{}]}`,
  'nested lists': `{"query": ${pairs('[', ']')}}`,
  'nested tables': `{"query": ${pairs('{"":', '}').replace(':}', ':1}')}}`,
  'lists that do not end': '['.repeat(bodyChars),
  'a long mode': `{"query": "a", "mode": "${long}"}`,
  'a long number': `{"query": "a", "topK": ${digits}}`,
  'a long fraction': `{"query": "a", "topk": 1.5${digits}}`,
  'a long text that does not end': `{"query": "${long}`,
};

for (const [name, body] of Object.entries(bodies)) {
  test(`${name}: a short error`, async (t) => {
    for (const path of ['/retrieve', '/v1/search']) {
      const reply = await service.post(path, body);
      t.equal(reply.status, 400, path);
      t.match(reply.body, { code: /^SSP_(REQUEST_INVALID|LIMIT_EXCEEDED|BODY_MALFORMED)$/ });
      t.ok(Buffer.byteLength(reply.text) <= largestError, `${reply.text.length} characters`);
    }
  });
}

test('what is nested deeper than any request is not even parsed', async (t) => {
  for (const [depth, problem] of [
    [100, /query: /],
    [101, /deeper than 100/],
  ] as const) {
    const query = '['.repeat(depth - 1) + ']'.repeat(depth - 1);
    const reply = await service.post('/retrieve', `{"query": ${query}}`);
    t.match(reply.body, { message: problem }, `${depth} levels`);
  }
});

test('what is deep in words only is no nesting', async (t) => {
  const query = `\\"${'[{'.repeat(500)}\\\\`;
  t.equal((await service.post('/retrieve', `{"query": "${query}"}`)).status, 200);
});

test('paths, headers and titles are not repeated whole either', async (t) => {
  const name = '%C5%BE'.repeat(1_300);
  for (const path of ['/', '/v1/pages/', '/v1/passages/', '/v1/pages/%ff']) {
    const reply = await service.get(`${path}${name}`);
    t.ok(reply.status >= 400, path);
    t.ok(Buffer.byteLength(reply.text) <= largestError, `${path} ${reply.text.length}`);
  }
  const typed = await service.post('/retrieve', '{}', { 'content-type': 'a/'.padEnd(8_000, 'b') });
  t.equal(typed.status, 415);
  t.ok(Buffer.byteLength(typed.text) <= largestError);
});
