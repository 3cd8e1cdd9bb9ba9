import tap, { test } from 'tap';

import { InProcessSearch } from '../../../services/search/in-process.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import { smallPassages } from '../../material/retrieval/small-corpus.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';
import { RunningApp } from './running-app.ts';

tap.setTimeout(120_000);

/** What a model may write where a query belongs; none may take the others of its request with it. */
const oddQueries = [
  ...['', ' ', '\n\t', '\u0000', 'river\u0000castle', '\u0001\u001f\u007f\u0085', '\uFEFFriver'],
  ...['\ud800', '\udfff river', 'river \ud83d', '\u{1F600}'.repeat(300), 'e\u0301'.repeat(5000)],
  ...[
    '?!',
    '...',
    '"',
    '"river',
    "'",
    '`',
    '\\',
    '(',
    ')',
    '[',
    '{',
    '}',
    '/',
    '//',
    '*',
    '~',
    '^',
  ],
  ...['+river -castle', 'river AND', 'NOT', 'OR OR', 'river~2', 'riv*', 'title:river', '&& ||'],
  ...[
    "' OR 1=1 --",
    '%',
    '%s%n',
    '${x}',
    '{{x}}',
    '<search>river</search>',
    '</search>',
    '\u202Eriver',
  ],
  ...['the of and', 'a', '1', '-1', 'NaN', 'null', '東京 の 川', 'МОСКВА река', 'ｒｉｖｅｒ'],
  ...['x'.repeat(16_384), 'x '.repeat(8_192), 'river '.repeat(30_000), '?'.repeat(100_000)],
  Array.from({ length: 4_000 }, (_, i) => `w${i}`).join(' '),
];
const plainQueries = ['river castle', 'the composer of the treaty', 'dynasty'];

let index: SearchIndex;

test('an index for them', async () => {
  const folder = testFolder(tap);
  const encoder = standInEncoder();
  const built = await buildSmallIndex(folder, smallPassages(300), { encoder });
  index = await openIndex(built, { encoder: () => Promise.resolve(standInEncoder()) });
});

test('odd queries fail neither themselves nor those beside them', async (t) => {
  for (const mode of ['bm25', 'dense', 'hybrid'] as const) {
    const service = new RunningApp(index, { mode, cacheBytes: 0 });
    const resultOf = async (queries: readonly string[]): Promise<unknown[]> => {
      const body = { queries, topk: 3, return_scores: true };
      const reply = await service.post('/retrieve', body);
      t.equal(reply.status, 200, reply.text.slice(0, 300));
      return (reply.body as { result: unknown[] }).result;
    };
    const alone = await resultOf(plainQueries);
    const together = await resultOf([...plainQueries, ...oddQueries]);
    t.equal(together.length, plainQueries.length + oddQueries.length);
    t.strictSame(together.slice(0, plainQueries.length), alone, mode);
    for (const query of oddQueries) await resultOf([query]);
  }
});

test('one element of another type is an error of the request, which names it', async (t) => {
  const service = new RunningApp(index);
  for (const odd of [null, 1, true, {}, ['river']]) {
    const reply = await service.post('/retrieve', { queries: ['river', odd, 'castle'] });
    t.equal(reply.status, 400);
    t.match(reply.body, { code: 'SSP_REQUEST_INVALID', message: /queries\.1: / });
  }
});

test('the search of this process takes the same queries', async (t) => {
  const search = new InProcessSearch(index, serviceConfig.parse({ maxQueryChars: 12 }));
  const { signal } = new AbortController();
  const short = await search.retrieve('river castle', 3, signal);
  t.equal(short.length, 3);
  t.strictSame(await search.retrieve('river castle and more', 3, signal), short);
  for (const query of oddQueries) await t.resolves(search.retrieve(query, 3, signal));
  await index.close();
});
