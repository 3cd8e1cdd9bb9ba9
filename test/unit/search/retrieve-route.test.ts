import { test } from 'tap';

import { rank, standInIndex, towns } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

interface RetrievedDocument {
  readonly id: string;
  readonly contents: string;
  readonly title: string;
  readonly text: string;
  readonly url: string;
}
interface ScoredDocument {
  readonly document: RetrievedDocument;
  readonly score: number;
}

// What the clients do with a reply, from their sources: Search-R1's generation.py and veRL's
// search_r1_like_utils.py take the first line of `contents` for the title; SkyRL's and NeMo RL's
// search tools print `contents` stripped.

/** Search-R1: `Doc 1(Title: "Title") text`. */
function searchR1Text(retrieval: readonly ScoredDocument[]): string {
  return retrieval
    .map(({ document }, row) => {
      const [title, ...lines] = document.contents.split('\n');
      return `Doc ${row + 1}(Title: ${title ?? ''}) ${lines.join('\n')}\n`;
    })
    .join('');
}

/** veRL: the same with other separators. */
function verlText(retrieval: readonly ScoredDocument[]): string {
  return retrieval
    .map(({ document }, row) => {
      const [title, ...lines] = document.contents.split('\n');
      return `Doc ${row + 1} (Title: ${title ?? ''})\n${lines.join('\n')}\n\n`;
    })
    .join('')
    .trim();
}

/** SkyRL. */
function skyRlText(retrieval: readonly ScoredDocument[]): string {
  return retrieval
    .map(({ document }, row) => `Doc ${row + 1}: ${document.contents.trim()}\n`)
    .join('');
}

const service = new RunningApp(standInIndex());

async function scored(body: object): Promise<ScoredDocument[][]> {
  const reply = await service.post('/retrieve', { ...body, return_scores: true });
  return (reply.body as { result: ScoredDocument[][] }).result;
}

test("Search-R1's and veRL's clients read the reply as they do their own server's", async (t) => {
  const result = await scored({ queries: ['river km', 'glass salt'], topk: 1 });
  t.strictSame(result.map(searchR1Text), [
    'Doc 1(Title: "Sarn") The Sarn is a river of 212 km that passes Velmora and Ostrel.\n',
    'Doc 1(Title: "Velmora") The town exports glass and salt.\n',
  ]);
  t.equal(
    result.map(verlText).join('\n---\n'),
    'Doc 1 (Title: "Sarn")\nThe Sarn is a river of 212 km that passes Velmora and Ostrel.' +
      '\n---\nDoc 1 (Title: "Velmora")\nThe town exports glass and salt.',
  );
});

test("SkyRL's single query gets a list with one list", async (t) => {
  const result = await scored({ query: 'harbour', topk: 3 });
  t.strictSame(result.map(skyRlText), [
    'Doc 1: "Ostrel"\nOstrel, called the "Gate", is a harbour town.\n',
  ]);
});

test('the whole reply, with scores and without', async (t) => {
  const document = {
    id: '1-1',
    contents: '"Velmora"\nThe town exports glass and salt.',
    title: 'Velmora',
    text: 'The town exports glass and salt.',
    url: '/v1/pages/Velmora',
  };
  const request = { queries: ['glass'], topk: 3 };
  const withScores = await service.post('/retrieve', { ...request, return_scores: true });
  t.equal(withScores.status, 200);
  t.equal(withScores.headers['content-type'], 'application/json; charset=utf-8');
  t.strictSame(withScores.body, { result: [[{ document, score: 1 }]] });
  const without = await service.post('/retrieve', { ...request, return_scores: false });
  t.strictSame(without.body, { result: [[document]] });
  const unsaid = await service.post('/retrieve', request);
  t.strictSame(unsaid.body, without.body, 'return_scores is false by default, as in Search-R1');
});

for (const count of [0, 1, 2, 3, 200]) {
  test(`${count} queries give ${count} lists, in order`, async (t) => {
    const words = ['town', 'Sarn', 'band', 'nothing-of-this', '', 'river Velmora'];
    const queries = Array.from({ length: count }, (_, i) => words[i % words.length] ?? '');
    const wanted = queries.map((query) => rank(towns, query, 3).hits.map(({ id }) => id));
    const result = await scored({ queries, topk: 3 });
    t.strictSame(
      result.map((hits) => hits.map(({ document }) => document.id)),
      wanted,
    );
    const plain = await service.post('/retrieve', { queries, topk: 3, return_scores: false });
    t.strictSame(
      (plain.body as { result: RetrievedDocument[][] }).result.map((hits) =>
        hits.map(({ id }) => id),
      ),
      wanted,
    );
  });
}

test('topk: null and absent take the default, fewer hits than k come as they are', async (t) => {
  const ids = async (body: object): Promise<number> => (await scored(body))[0]?.length ?? -1;
  t.equal(await ids({ queries: ['town river'], topk: null }), 3);
  t.equal(await ids({ queries: ['town river'] }), 3);
  t.equal(await ids({ queries: ['town river'], topk: 1000 }), 5);
  t.equal(await ids({ queries: ['xyzzy'], topk: 5 }), 0);
});

test('a query over the limit is searched by its beginning; a header counts such queries', async (t) => {
  const asked: string[] = [];
  const index = standInIndex({ onBatch: (_mode, queries) => void asked.push(...queries) });
  const own = new RunningApp(index, { maxQueryChars: 10 });
  const ask = async (queries: readonly string[]): Promise<[unknown, unknown]> => {
    const { status, body, headers } = await own.post('/retrieve', { queries, topk: 1 });
    t.equal(status, 200);
    return [headers['x-ssp-truncated-queries'], (body as { result: unknown }).result];
  };
  const long = [`river ${'a'.repeat(20_000)}`, 'glass salty', '  river    ', ' '.repeat(20_000)];
  const [count, result] = await ask(long);
  t.equal(count, '2');
  t.strictSame(asked, ['river aaaa', 'glass salt', 'river']);
  t.strictSame(await ask(['river aaaa', 'glass salt', 'river', '']), [undefined, result]);
});

test('quotes in texts and titles survive, a title stays on its line', async (t) => {
  const odd = { id: 'q', title: 'A "b"\nc', text: 'line one\nline two \u2028 "quoted"' };
  const own = new RunningApp(standInIndex({ passages: [odd] }));
  const reply = await own.post('/retrieve', { query: 'line' });
  t.strictSame((reply.body as { result: RetrievedDocument[][] }).result, [
    [
      {
        ...odd,
        contents: '"A "b" c"\nline one\nline two \u2028 "quoted"',
        url: '/v1/pages/A%20%22b%22%0Ac',
      },
    ],
  ]);
});

// What these clients do with a reply, from their sources: ASearcher's search_utils.py takes `contents` and
// `url` of each document, and of a page its `contents`, or null; rLLM's local_retrieval_tool.py `results`
// with `document.id`, `document.contents` and `score`; ReCall's active_pipeline.py each line's `contents`.

test("ASearcher's client gets an address with each document, and the page behind it", async (t) => {
  const asked = { queries: ['river', 'AC'], topk: 2, return_scores: false };
  const { body } = await service.post('/retrieve', asked);
  const { result } = body as { result: RetrievedDocument[][] };
  const urls = result.flat().map(({ url }) => url);
  t.strictSame(urls, ['https://wiki.example/Velmora', '/v1/pages/Sarn', '/v1/pages/AC%2FDC']);
  const others = [
    'https://x.example/wiki/Sarn',
    'https://x.example/Velmora',
    '',
    'http://[',
    '/%zz',
  ];
  const pages = await service.post('/access', { urls: [...urls, ...others] });
  const titles = (pages.body as { result: ({ title: string } | null)[] }).result;
  t.strictSame(
    titles.map((page) => page?.title),
    ['Velmora', 'Sarn', 'AC/DC', 'Sarn', undefined, undefined, undefined, undefined],
  );
  t.match(pages.body, { result: [{ contents: /^"Velmora"\nVelmora is .*\nThe town exports/ }] });
});

test("rLLM's client reads the hits of its query", async (t) => {
  const { body } = await service.post('/retrieve', { query: 'harbour', top_k: 5 });
  t.match(body, { results: [{ document: { id: '3-0', contents: /^"Ostrel"\n/ }, score: 1 }] });
  const { body: many } = await service.post('/retrieve', { queries: ['glass'], top_k: 1 });
  t.match(many, { result: [[{ document: { id: '1-1' }, score: 1 }]] });
  const both = await service.post('/retrieve', { query: 'glass', top_k: 1, topk: 1 });
  t.match(both.body, { code: 'SSP_REQUEST_INVALID', message: /not both/ });
});

test('the clients of servers over FlashRAG read lists of documents', async (t) => {
  const salt = { id: '1-1', contents: '"Velmora"\nThe town exports glass and salt.' };
  const ask = async (path: string, body: object): Promise<unknown> =>
    (await service.post(path, body)).body;
  t.strictSame(await ask('/search', { query: 'glass', top_n: 5 }), [salt]);
  t.strictSame(await ask('/search', { query: 'glass', return_score: true }), [[salt], [1]]);
  t.strictSame(await ask('/search', { query: '' }), []);
  t.strictSame(await ask('/batch_search', { query: ['glass', 'xyzzy'] }), [[salt], []]);
  t.strictSame(await ask('/batch_search', { queries: ['glass'], return_score: true }), [
    [[salt]],
    [[1]],
  ]);
  t.match(await ask('/search', { query: 'glass', topK: 1 }), { message: /"topK".*"top_n"/ });
  t.match(await ask('/batch_search', { query: 'glass' }), { code: 'SSP_REQUEST_INVALID' });
});
