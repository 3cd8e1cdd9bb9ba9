import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { zipSync } from 'fflate';
import type { Test } from 'tap';

/** A wheel of a package with one module, which knows its version. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: Buffer;
}

/** The wheel of the package `name`; its module has the name with underscores. */
export function wheel(name: string, version = '1.0'): Wheel {
  const module = name.replaceAll('-', '_');
  const info = `${module}-${version}.dist-info`;
  const files = {
    [`${module}/__init__.py`]: `__version__ = "${version}"\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  const zipped = zipSync(
    Object.fromEntries(
      Object.entries({ ...files, [`${info}/RECORD`]: record }).map(([path, text]) => [
        path,
        new TextEncoder().encode(text),
      ]),
    ),
  );
  const file = `${module}-${version}-py3-none-any.whl`;
  return { name, version, file, bytes: Buffer.from(zipped) };
}

/** The lock file of these wheels; another hash for those in `wrong`. */
export function lockOf(wheels: readonly Wheel[], wrong: readonly string[] = []): string {
  const line = ({ name, version, bytes }: Wheel): string => {
    const hashed = wrong.includes(name) ? 'something else' : bytes;
    const hash = createHash('sha256').update(hashed).digest('hex');
    return `${name}==${version} \\\n    --hash=sha256:${hash}\n`;
  };
  return `# A lock file.\n${wheels.map(line).join('')}`;
}

/** A package index that serves some wheels over real HTTP. */
export interface PackageIndex {
  readonly url: string;
  /** Paths of the requests that were made. */
  readonly requests: string[];
  /** Files of which the first half is sent and then nothing. */
  readonly stalled: Set<string>;
}

/** Starts the index; what a package is not in it is answered 404. */
export async function startPackageIndex(t: Test, wheels: readonly Wheel[]): Promise<PackageIndex> {
  const index = { requests: [] as string[], stalled: new Set<string>() };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    index.requests.push(path);
    const found = wheels.find(({ file }) => path.endsWith(`/${file}`));
    const listed = wheels.filter(({ name }) => path === `/simple/${name}/`);
    if (found !== undefined) {
      const { bytes, file } = found;
      const headers = { 'cache-control': 'max-age=3600', 'content-length': bytes.length };
      response.writeHead(200, { ...headers, 'content-type': 'application/octet-stream' });
      if (index.stalled.has(file)) response.write(bytes.subarray(0, bytes.length / 2));
      else response.end(bytes);
    } else if (listed.length > 0) {
      const links = listed.map(({ file }) => `<a href="/files/${file}">${file}</a>`);
      response.setHeader('content-type', 'text/html').end(links.join('\n'));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { ...index, url: `http://127.0.0.1:${port}/simple` };
}
