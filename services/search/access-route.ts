import type { Page, SearchIndex } from '../../src/types/retriever.ts';
import { pageOf } from './agent-backend.ts';
import { replyInPieces } from './json-pieces.ts';
import { parseBody } from './request-body.ts';
import { contentsOf, pagesPath } from './retrieve-route.ts';
import type { Route, ServiceContext } from './route.ts';
import { replySchemas } from './schemas.ts';

/** Where a wiki's addresses have their titles. */
const titlePaths = ['/wiki/', '/index.php/', pagesPath];
/** Folders before a title that are tried. */
const deepestFolder = 8;

/**
 * `POST /access`: whole pages by the `url` of documents, in the shape of ASearcher's local server;
 * redirects are followed.
 */
export function accessRoute({ schemas, readiness }: ServiceContext): Route {
  return {
    method: 'POST',
    path: '/access',
    summary: 'Whole pages by the `url` of documents, in the shape of ASearcher',
    body: schemas.access,
    reply: replySchemas.access,
    handle: (request, reply) =>
      readiness.use(async ({ index }) => {
        const { urls } = parseBody(schemas.access, request.body);
        const pages = await Promise.all(urls.map((url) => pageAt(index, url)));
        const result = pages.map((page, row) => page && replyOf(urls[row] ?? '', page));
        const texts = result.flatMap((page) => (page ? [{ text: page.contents }] : []));
        return replyInPieces(reply, { result: result.map((page) => page ?? null) }, texts);
      }),
  };
}

function replyOf(url: string, { title, passages }: Page) {
  const text = passages.map((passage) => passage.text).join('\n');
  return { url, title, contents: contentsOf(title, text) };
}

/**
 * By a title where a wiki's address has it, `https://en.wikipedia.org/wiki/Marie_Curie` and its like, and
 * by the end of any other path, where the page there says that this is its address.
 */
async function pageAt(index: SearchIndex, url: string): Promise<Page | undefined> {
  const address = URL.parse(url, 'http://localhost');
  if (address === null) return undefined;
  const path = titlePaths.find((each) => address.pathname.startsWith(each));
  const title = path === undefined ? undefined : decoded(address.pathname.slice(path.length));
  const named = address.searchParams.get('title') ?? title;
  if (named !== undefined) return pageOf(index, named);
  const parts = address.pathname.split('/').slice(1);
  for (let from = 0; from < Math.min(parts.length, deepestFolder); from += 1) {
    const page = await pageOf(index, decoded(parts.slice(from).join('/')));
    if (page?.passages.some((passage) => passage.url === url) === true) return page;
  }
  return undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
