// How fast does one thread read wikitext, beside WikiExtractor and mwparserfromhell on the same dump?
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { bunzip2 } from '../../corpus/bzip2.ts';
import { peerSpeeds } from './peers/wikitext.ts';
import { printTable, recordFigures } from './record.ts';
import { missingShared, sharedFile } from './shared-data.ts';
import { runProgram, workshopPath } from './workshop.ts';

const dump = 'mediawiki/enwiki-2016-206pages.xml.bz2';
/** The first passes warm up; the figure is the median of the others. */
const warmPasses = 2;
const passes = 7;
/** The programs take turns, so that what else the machine does falls on all. */
const turns = 3;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function ownSeconds(path: string): Promise<number[]> {
  const program = fileURLToPath(new URL('wikitext-program.ts', import.meta.url));
  const output = await runProgram(process.execPath, [program, path, String(passes)]);
  return z.array(z.number()).parse(JSON.parse(output)).slice(warmPasses);
}

const missing = missingShared(dump);
if (missing !== false) {
  process.stdout.write(`left out: ${missing}\n`);
} else {
  const path = await workshopPath('enwiki-206pages.xml');
  await pipeline(bunzip2(createReadStream(sharedFile(dump))), createWriteStream(path));
  const megabytes = (await stat(path)).size / 1e6;
  const seconds = new Map<string, number[]>();
  let versions: Readonly<Record<string, string>> = {};
  for (let turn = 0; turn < turns; turn += 1) {
    seconds.set('ssp', [...(seconds.get('ssp') ?? []), ...(await ownSeconds(path))]);
    const peers = await peerSpeeds(path, 2);
    versions = peers.versions;
    for (const [name, times] of Object.entries(peers.seconds)) {
      seconds.set(name, [...(seconds.get(name) ?? []), ...times.slice(1)]);
    }
  }
  const speeds = new Map([...seconds].map(([name, times]) => [name, megabytes / median(times)]));
  const rows = [...speeds].map(([name, speed]) => ({
    program: versions[name] === undefined ? name : `${name} ${versions[name]}`,
    'MB of XML / processor second': speed,
  }));
  printTable(rows);
  const own = speeds.get('ssp') ?? NaN;
  await recordFigures(
    import.meta.url,
    [
      ...rows.map((row) => ({
        measure: `${row.program}, MB of XML a processor second, one thread`,
        value: row['MB of XML / processor second'],
      })),
      { measure: 'ssp / WikiExtractor', value: own / (speeds.get('wikiextractor') ?? NaN), bar: 1 },
      { measure: 'ssp / mwparserfromhell', value: own / (speeds.get('mwparserfromhell') ?? NaN) },
    ],
    { megabytes, versions, seconds: Object.fromEntries(seconds) },
  );
}
