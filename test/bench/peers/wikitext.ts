import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { peerPython } from '../peer-python.ts';
import { runProgram, workshopPath } from '../workshop.ts';

const script = fileURLToPath(new URL('wikitext_peer.py', import.meta.url));
const renderings = z.object({ version: z.string(), texts: z.array(z.string()) });
const speeds = z.object({
  versions: z.record(z.string(), z.string()),
  seconds: z.record(z.string(), z.array(z.number())),
});
export type PeerSpeeds = z.output<typeof speeds>;

/** What mwparserfromhell shows of each wikitext, the arguments of templates included. */
export async function independentTexts(
  wikitexts: readonly string[],
): Promise<z.output<typeof renderings>> {
  const file = await workshopPath(`wikitext-request-${process.pid}.json`);
  await writeFile(file, JSON.stringify(wikitexts));
  try {
    const output = await runProgram(await peerPython(), [script, 'numbers', file]);
    return renderings.parse(JSON.parse(output));
  } finally {
    await rm(file);
  }
}

/** Processor seconds of WikiExtractor and mwparserfromhell over a dump, for each of `passes`. */
export async function peerSpeeds(dump: string, passes: number): Promise<PeerSpeeds> {
  const output = await runProgram(await peerPython(), [script, 'speed', dump, String(passes)]);
  return speeds.parse(JSON.parse(output));
}
