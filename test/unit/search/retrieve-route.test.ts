import { test } from 'tap';

import { rank, standInIndex, towns } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

interface RetrievedDocument {
  readonly id: string;
  readonly contents: string;
  readonly title: string;
  readonly text: string;
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
    [{ ...odd, contents: '"A "b" c"\nline one\nline two \u2028 "quoted"' }],
  ]);
});
