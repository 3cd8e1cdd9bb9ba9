import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { formatNames, GameConfig } from '../config/game.ts';
import type { GameFormat } from '../game/format.ts';
import { readFormat } from './format-file.ts';

const shippedFolder = new URL('../game/formats/', import.meta.url);

/** The formats that ship, by the names that `game.format` knows them under. */
export const gameFormats = Object.fromEntries(
  readdirSync(shippedFolder).map((file) => [
    basename(file, '.yaml'),
    readFormat(fileURLToPath(new URL(file, shippedFolder))),
  ]),
) as Readonly<Record<(typeof formatNames)[number], GameFormat>>;

/** The format of a configuration: that of its prompt file where it names one. */
export function formatOf({ prompts, format }: Pick<GameConfig, 'prompts' | 'format'>): GameFormat {
  return prompts === undefined ? gameFormats[format] : readFormat(prompts);
}
