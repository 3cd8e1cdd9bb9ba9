import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { SspError } from '../errors/error.ts';

/** What commands are given and make, with what makes it. */
const kinds = {
  index: { words: 'an index', made: '`ssp index build --corpus <corpus> --out <index>`' },
  corpus: { words: 'a corpus', made: '`ssp corpus build` or `ssp corpus import`' },
  run: { words: 'a run', made: '`ssp train`' },
  world: { words: 'a fictional encyclopedia', made: '`ssp corpus generate`' },
  model: { words: 'a model folder', made: '' },
} as const;

/** What a command may want of a path. */
export type InputKind = keyof typeof kinds | 'file' | 'folder';

/**
 * The error for a path that holds something else than what is wanted there, as a corpus given for an
 * index: it names what was found, and where what is wanted lies if it is near. Undefined where nothing is
 * there, or nothing that is known.
 */
export async function otherKind(
  path: string,
  wanted: InputKind,
): Promise<SspError<'SSP_INPUT_KIND'> | undefined> {
  const found = await kindAt(path);
  if (found === undefined || found === wanted || (wanted === 'folder' && found !== 'file')) return;
  const isUnknown = found === 'folder' && wanted !== 'file';
  const near = await nearBy(path, wanted);
  if (isUnknown && near === undefined) return undefined;
  const details = { path, found: inWords(found), wanted: inWords(wanted) };
  return new SspError('SSP_INPUT_KIND', { ...details, next: near ?? advice(path, found, wanted) });
}

/** Throws what {@link otherKind} gives, else `error`. */
export async function throwKindOr(error: unknown, path: string, wanted: InputKind): Promise<never> {
  throw (await otherKind(path, wanted)) ?? error;
}

async function kindAt(path: string): Promise<InputKind | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return 'file';
  const names = new Set(await readdir(path).catch(() => []));
  if (names.has('generations')) return 'index';
  if (names.has('run.json')) return 'run';
  if (names.has('world.json')) return 'world';
  if (names.has('manifest.json')) {
    return [...names].some((name) => name.startsWith('passages-')) ? 'corpus' : 'index';
  }
  return names.has('config.json') ? 'model' : 'folder';
}

/** Where what is wanted lies: below the path, or around it. */
async function nearBy(path: string, wanted: InputKind): Promise<string | undefined> {
  const names = wanted === 'file' || wanted === 'folder' ? [] : [wanted];
  for (const name of names) {
    const below = join(path, name);
    if ((await kindAt(below)) === wanted) return `Give ${below}, which is ${inWords(wanted)}.`;
  }
  return undefined;
}

function inWords(kind: InputKind): string {
  return kind === 'file' || kind === 'folder' ? `a ${kind}` : kinds[kind].words;
}

function advice(path: string, found: InputKind, wanted: InputKind): string {
  if (found === 'corpus' && wanted === 'index') {
    return `Make its index first: \`ssp index build --corpus ${path} --out <index>\`.`;
  }
  if (found === 'world' && wanted === 'corpus') {
    return `Make its corpus first: \`ssp corpus build ${join(path, 'dump.xml')} --out <corpus>\`.`;
  }
  if (found === 'world' && wanted === 'file') return `Its dump is ${join(path, 'dump.xml')}.`;
  if (wanted === 'file' || wanted === 'folder') return `Give a ${wanted}.`;
  if (wanted === 'model') {
    return 'Give a folder with config.json, tokenizer and *.safetensors, or a hub id such as Qwen/Qwen2.5-0.5B-Instruct.';
  }
  return `Give ${inWords(wanted)}: what ${kinds[wanted].made} has made.`;
}
