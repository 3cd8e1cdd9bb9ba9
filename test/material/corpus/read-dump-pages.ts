import { bunzip2 } from '../../../corpus/bzip2.ts';
import type { DumpPage } from '../../../corpus/dump-parser.ts';
import { DumpParser } from '../../../corpus/dump-parser.ts';
import { xmlText } from '../../../corpus/read-dump.ts';
import { smallChunks } from './build-request.ts';

/** The pages of a dump, plain or in bzip2, in namespace 0 that are no redirects. */
export async function articlePages(path: string): Promise<DumpPage[]> {
  const parser = new DumpParser();
  const bytes = smallChunks(path, 1 << 16);
  const xml = xmlText(path.endsWith('.bz2') ? bunzip2(bytes) : bytes);
  for await (const text of xml) parser.write(text);
  return parser.take().filter((page) => (page.namespace ?? 0) === 0 && page.redirect === undefined);
}
