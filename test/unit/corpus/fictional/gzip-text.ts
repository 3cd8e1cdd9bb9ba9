import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The text of a gzip file, whole. */
export async function readGzipText(file: URL): Promise<string> {
  const bytes = await promisify(gunzip)(await readFile(file));
  return bytes.toString('utf8');
}
