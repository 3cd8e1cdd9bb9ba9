import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SspError } from '../errors/error.ts';
import { nearest } from './issues.ts';

const folder = fileURLToPath(new URL('presets', import.meta.url));
/** Lies beside them, but is no configuration: what `ssp ablate` changes in one. */
const variants = 'variants';

/** A configuration that ships, with what its file says of it first. */
export interface Preset {
  readonly name: string;
  readonly text: string;
  readonly path: string;
}

/** All presets by name. The text is the first sentence of the comment at the file's beginning. */
export async function listPresets(): Promise<Preset[]> {
  const presets = (await presetNames()).map(async (name) => {
    const path = pathOf(name);
    return { name, path, text: firstSentence(await readFile(path, 'utf8')) };
  });
  return Promise.all(presets);
}

/** The file of a preset. Throws SSP_USAGE for a name that there is not. */
export async function presetFile(name: string): Promise<string> {
  const names = await presetNames();
  if (names.includes(name)) return pathOf(name);
  const near = nearest(name, names);
  const hint = near === undefined ? '.' : `; did you mean ${near}?`;
  const problem = `there is no preset ${name}${hint} \`ssp presets\` lists them; a file of your own goes with --config.`;
  throw new SspError('SSP_USAGE', { problem });
}

async function presetNames(): Promise<string[]> {
  const names = (await readdir(folder)).map((file) => file.replace(/\.yaml$/, ''));
  return names.filter((name) => name !== variants).sort();
}

function pathOf(name: string): string {
  return join(folder, `${name}.yaml`);
}

function firstSentence(yaml: string): string {
  const lines = yaml.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const comment = lines.slice(0, end).map((line) => line.slice(1).trim());
  return comment.join(' ').split(/(?<=\.) (?=[A-Z`])/)[0] ?? '';
}
