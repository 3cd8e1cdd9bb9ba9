import { bunzip2 } from '../../../corpus/bzip2.ts';
import type { DumpPage } from '../../../corpus/dump-parser.ts';
import { DumpParser } from '../../../corpus/dump-parser.ts';
import { xmlText } from '../../../corpus/read-dump.ts';
import { smallChunks } from './build-request.ts';

/** The pages of a bzip2 dump in namespace 0 that are no redirects. */
export async function articlePages(path: string): Promise<DumpPage[]> {
  const parser = new DumpParser();
  for await (const text of xmlText(bunzip2(smallChunks(path, 1 << 16)))) parser.write(text);
  return parser.take().filter((page) => page.namespace === 0 && page.redirect === undefined);
}
