import { test } from 'tap';

import type { Service } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';

const passages = Array.from({ length: 60 }, (_, i) => ({
  id: `${i}`,
  title: 'Long',
  text: 'A river, a castle. A comet in the sky? '.repeat(3_000),
}));
const hits = standInIndex({ passages }).retriever('bm25').search(['castle'], { topK: 60 });
/** The stand-in itself is slow with texts of this length. */
const index: SearchIndex = { ...standInIndex(), retriever: () => ({ ...ranked, mode: 'bm25' }) };
const ranked = { search: () => hits, explain: () => Promise.reject(new Error('not asked')) };

function start(settings: object): Promise<Service> {
  const config = serviceConfig.parse({ port: 0, selfTestPassages: 0, ...settings });
  const open = (): Promise<SearchIndex> => Promise.resolve(index);
  return startService({ config, open, progress: silentProgress });
}

function search({ url }: Service): Promise<Response> {
  return fetch(`${url}/v1/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'comet castle river', topK: 60, maxChars: 300 }),
  });
}

test('others are answered while the snippets of long texts are made', async (t) => {
  await hits;
  const service = await start({});
  await service.ready;
  const searched = search(service).then((reply) => reply.json());
  const others = ['first', 'second', 'third', 'fourth', 'fifth'];
  for (const other of others) {
    const asked = fetch(`${service.url}/healthz`).then(() => other);
    t.equal(await Promise.race([searched, asked]), other, 'before the search has its answer');
  }
  t.match(await searched, { results: [{ hits: [{ snippet: /^A river, a castle\./ }] }] });
  await service.stop();
});

test('the time for a search holds for its snippets too', async (t) => {
  const service = await start({ searchTimeoutMs: 100 });
  await service.ready;
  const reply = await search(service);
  t.equal(reply.status, 504);
  t.match(await reply.json(), { code: 'SSP_SEARCH_TIMEOUT' });
  await service.stop();
});
