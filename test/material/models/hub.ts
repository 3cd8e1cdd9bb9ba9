import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Test } from 'tap';

/** A hub that serves one model over real HTTP, and misbehaves as told. */
export interface Hub {
  readonly url: string;
  /** `path` or `path from=<byte>` of every request, without what stands behind its question mark. */
  readonly requests: string[];
  /** The `authorization` of every request that has one. */
  readonly tokens: string[];
  /** Ends the connection after this many bytes of the next file, once for each entry. */
  readonly cuts: number[];
  /** Files that are sent with other bytes than the hub's checksums say. */
  readonly damaged: Set<string>;
}

export const revision = '0123456789abcdef0123456789abcdef01234567';

/** Files above this size carry a SHA-256 as on the real hub (LFS), smaller ones git's SHA-1. */
export const lfsBytes = 1000;

export async function startHub(
  t: Test,
  model: string,
  files: Readonly<Record<string, Buffer>>,
): Promise<Hub> {
  const hub = {
    ...{ requests: [] as string[], tokens: [] as string[] },
    ...{ cuts: [] as number[], damaged: new Set<string>() },
  };
  const server = createServer((request, response) => {
    const [path = '', query = ''] = decodeURI(request.url ?? '').split('?');
    if (request.headers.authorization) hub.tokens.push(request.headers.authorization);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    hub.requests.push(`${path}${from > 0 ? ` from=${from}` : ''}`);
    if (path === `/api/models/${model}/revision/main`) sendJson(response, { sha: revision });
    else if (path === `/api/models/${model}/tree/${revision}`) {
      sendPage(response, tree(files), `http://${request.headers.host ?? ''}${path}`, query);
    } else {
      const name = path.replace(`/${model}/resolve/${revision}/`, '');
      const bytes = files[name];
      if (bytes === undefined) response.writeHead(404).end('Entry not found');
      else sendFile(response, hub.damaged.has(name) ? damage(bytes) : bytes, from, hub.cuts);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...hub, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Half of the entries and the address of the rest, or the rest: large models come in pages too. */
function sendPage(response: ServerResponse, entries: object[], url: string, query: string): void {
  const half = Math.ceil(entries.length / 2);
  if (/\bcursor=1/.test(query)) {
    sendJson(response, entries.slice(half));
    return;
  }
  response.setHeader('link', `<${url}?${query}&cursor=1>; rel="next"`);
  sendJson(response, entries.slice(0, half));
}

function tree(files: Readonly<Record<string, Buffer>>): object[] {
  return Object.entries(files).map(([path, bytes]) => {
    const git = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const lfs = bytes.length > lfsBytes ? { lfs: { oid: sha256, size: bytes.length } } : {};
    return { type: 'file', path, size: bytes.length, oid: git, ...lfs };
  });
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

function sendFile(response: ServerResponse, bytes: Buffer, from: number, cuts: number[]): void {
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length });
  const cut = bytes.length > lfsBytes ? cuts.shift() : undefined;
  if (cut === undefined) response.end(rest);
  else response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
}

function damage(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}
