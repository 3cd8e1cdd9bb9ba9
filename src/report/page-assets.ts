import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { html, Markup } from './html.ts';

/** Style and script of the page, as they stand in it. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

/** The script's files; each imports only from those before it. */
const scriptFiles = ['elements', 'chart-readout', 'question-view', 'question-filter', 'main'];

/** Reads them from `page/`, the script's files joined into one. */
export async function readPageAssets(): Promise<PageAssets> {
  const read = (name: string): Promise<string> =>
    readFile(new URL(`page/${name}`, import.meta.url), 'utf8');
  const files = await Promise.all(scriptFiles.map((name) => read(`${name}.js`)));
  return { style: await read('report.css'), script: files.map(withoutModules).join('\n') };
}

/**
 * Style and script as elements, and the policy that lets the browser run and load nothing else,
 * whatever a passage or a model wrote.
 */
export function assetElements({ style, script }: PageAssets): {
  readonly head: Markup;
  readonly script: Markup;
} {
  const policy = `default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'`;
  return {
    head: html`<meta
        http-equiv="Content-Security-Policy"
        content="${policy}"
      />${raw('style', style)}`,
    script: raw('script', script),
  };
}

/** One scope for all: imports go, exports become plain declarations. */
function withoutModules(source: string): string {
  return source.replaceAll(/^import .*\n/gm, '').replaceAll(/^export /gm, '');
}

function raw(name: 'style' | 'script', text: string): Markup {
  if (text.includes(`</${name}`)) throw new RangeError(`The ${name} would end itself.`);
  const kind = name === 'script' ? ' type="module"' : '';
  return new Markup(`<${name}${kind}>${text}</${name}>`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
