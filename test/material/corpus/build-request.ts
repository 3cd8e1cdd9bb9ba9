import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BuildRequest } from '../../../corpus/build-corpus.ts';
import type { ImportRequest } from '../../../corpus/import-passages.ts';
import { corpusConfig, importConfig } from '../../../src/config/corpus.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { CorpusManifest } from '../../../src/types/corpus-manifest.ts';

/** A build request with defaults for a test. */
export function buildRequest(
  paths: readonly string[],
  out: string,
  changes: Partial<BuildRequest> & { readonly settings?: Partial<BuildRequest['config']> } = {},
): BuildRequest {
  const { settings, ...others } = changes;
  return {
    paths,
    out,
    force: false,
    restart: false,
    config: corpusConfig.parse({ workers: 1, ...settings }),
    signal: new AbortController().signal,
    progress: silentProgress,
    ...others,
  };
}

/** An import request with defaults for a test, with one worker. */
export function importRequest(
  paths: readonly string[],
  out: string,
  changes: Partial<ImportRequest> & { readonly settings?: Partial<ImportRequest['config']> } = {},
): ImportRequest {
  const { settings, ...others } = changes;
  return {
    paths,
    out,
    force: false,
    restart: false,
    config: importConfig.parse({ workers: 1, ...settings }),
    signal: new AbortController().signal,
    progress: silentProgress,
    ...others,
  };
}

/** The manifest of a finished corpus as it stands on the disk. */
export function manifestOf(folder: string): CorpusManifest {
  return JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as CorpusManifest;
}

/** A dump of pages with the ids 1, 2, ... */
export function dumpOf(
  pages: readonly { readonly title: string; readonly text: string; readonly extra?: string }[],
): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const items = pages.map(
    ({ title, text, extra = '<ns>0</ns>' }, index) =>
      `<page><title>${escape(title)}</title>${extra}<id>${index + 1}</id>` +
      `<revision><id>9</id><text>${escape(text)}</text></revision></page>`,
  );
  return `<mediawiki version="0.10" xml:lang="en"><siteinfo><sitename>W</sitename><base>https://w.example/wiki/Main</base></siteinfo>\n${items.join('\n')}\n</mediawiki>\n`;
}

/** The bytes of a file as a stream of small chunks. */
export function smallChunks(path: string, bytes: number): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: bytes });
}
