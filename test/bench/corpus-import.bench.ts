// How fast is a published collection imported, does its memory grow, and does a kill change the bytes?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createGzip, gunzipSync } from 'node:zlib';

import type { Passage } from '../../src/types/passage.ts';
import { recordFigures } from './record.ts';
import { missingShared, sharedFile } from './shared-data.ts';
import { wiki84kFiles } from './wiki84k.ts';
import { measuredSsp, workshopPath } from './workshop.ts';

const million = 1_000_000;
const entry = fileURLToPath(new URL('../../src/cli/ssp.mjs', import.meta.url));

/** A collection in the form of wiki-18 as it is published: one member in a tar archive in gzip. */
async function publishedFile(path: string, count: number): Promise<void> {
  const member = path.replace(/\.gz$/, '');
  await pipeline(Readable.from(lines(count)), createWriteStream(member));
  const tar = spawn('tar', ['-c', '-C', dirname(member), basename(member)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await pipeline(tar.stdout, createGzip({ level: 1 }), createWriteStream(path));
  await rm(member);
}

/** Passages of wiki84k over and over, with the row as id. */
function* lines(count: number): Generator<string> {
  const text = passagesText.split('\n').filter((line) => line !== '');
  const contents = text.map((line) => {
    const passage = JSON.parse(line) as Passage;
    return JSON.stringify(`"${passage.title}"\n${passage.text}`);
  });
  for (let row = 0; row < count; row += 1) {
    yield `{"id": "${row}", "contents": ${contents[row % contents.length] ?? ''}}\n`;
  }
}

function importArguments(path: string, out: string, workers: number): string[] {
  return ['corpus', 'import', path, '--out', out, '--force', '--workers', String(workers)];
}

/** Starts an import, kills it in the middle, when it has begun its eleventh shard of 20, and waits until it is gone. */
async function killedImport(path: string, out: string): Promise<void> {
  const child = spawn(process.execPath, [entry, ...importArguments(path, out, 2)], {
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  while (!existsSync(join(out, '.partial', 'passages-00010.jsonl.gz'))) await sleep(50);
  child.kill('SIGKILL');
  const [, signal] = (await exit) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the import had ended before it was killed');
}

const missing = missingShared(wiki84kFiles[0]);
const passagesText =
  missing === false ? gunzipSync(await readFile(sharedFile(wiki84kFiles[0]))).toString('utf8') : '';

async function measure(): Promise<void> {
  const one = await workshopPath('import-1m.jsonl.gz');
  const two = await workshopPath('import-2m.jsonl.gz');
  const out = await workshopPath('import-corpus');
  const manifest = (): Promise<string> => readFile(join(out, 'manifest.json'), 'utf8');
  await publishedFile(one, million);
  await publishedFile(two, 2 * million);
  const small = await measuredSsp(...importArguments(one, out, 2));
  const large = await measuredSsp(...importArguments(two, out, 2));
  const undisturbed = await manifest();
  await rm(out, { recursive: true });
  const single = await measuredSsp(...importArguments(two, out, 1));
  const bySingle = await manifest();
  await rm(out, { recursive: true });
  await killedImport(two, out);
  const resumed = await measuredSsp(...importArguments(two, out, 2));
  const afterKill = await manifest();
  for (const path of [one, two, out]) await rm(path, { recursive: true });
  await recordFigures(
    import.meta.url,
    [
      {
        measure: 'lines/s, 2 M lines of a tar in gzip, two workers',
        value: (2 * million) / large.seconds,
      },
      {
        measure: 'lines/s of processor time, two workers',
        value: (2 * million) / large.cpuSeconds,
      },
      { measure: 'lines/s, one worker', value: (2 * million) / single.seconds },
      { measure: 'peak memory, bytes, 1 M lines', value: small.peakBytes },
      { measure: 'peak memory, bytes, 2 M lines', value: large.peakBytes },
      {
        measure: 'peak at 2 M over peak at 1 M',
        value: large.peakBytes / small.peakBytes,
        bar: 1.15,
        atMost: true,
      },
      { measure: 'peak memory, bytes, 2 M lines, one worker', value: single.peakBytes },
      {
        measure:
          'processor seconds from a kill in the middle to the end, over an undisturbed import',
        value: resumed.cpuSeconds / large.cpuSeconds,
      },
      { measure: 'same manifest after the kill', value: Number(afterKill === undisturbed), bar: 1 },
      { measure: 'same manifest by one worker', value: Number(bySingle === undisturbed), bar: 1 },
    ],
    { small, large, single, resumed },
  );
}

if (missing === false) await measure();
else process.stdout.write(`left out: ${missing}\n`);
