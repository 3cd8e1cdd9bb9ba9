import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import t, { test } from 'tap';

import type { Verification } from '../../../indexer/verify-index.ts';
import { verifyIndex } from '../../../indexer/verify-index.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { dataFiles } from '../../../src/retrieval/index-files.ts';
import { dataFolder, headName, readHead } from '../../../src/retrieval/index-head.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import { flipBit } from '../../material/retrieval/damage.ts';
import { currentData } from '../../material/retrieval/index-data.ts';
import { randomNumbers, smallPassages } from '../../material/retrieval/small-corpus.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';

t.setTimeout(600_000); // hundreds of verifications, on whatever machine this is

const passages = smallPassages(400);
const aliases = passages.slice(0, 50).map(({ title }, i) => ({ alias: `Alias ${i}`, title }));
const folder = await buildSmallIndex(t.testdir(), passages, {
  config: { vectorIndex: 'ivf-rq' },
  encoder: standInEncoder(),
  aliases,
});
const { generation } = await readHead(folder);
const data = (await dataFiles(folder, generation)).map((file) =>
  join(dataFolder(folder, generation), file),
);
const random = randomNumbers(11);

function verify(): Promise<Verification> {
  const openEncoder = () => Promise.resolve(standInEncoder());
  return verifyIndex({
    ...{ folder, openEncoder, progress: silentProgress },
    signal: new AbortController().signal,
  });
}

/** The file that verifying names; undefined where it finds nothing. */
async function damageFound(): Promise<string | undefined> {
  const { ok, checks } = await verify();
  return ok ? undefined : checks.find((check) => !check.ok)?.name;
}

/** Does something to a file, and puts it right again after `then`. */
async function altered(
  path: string,
  alter: () => Promise<void>,
  then: () => Promise<void>,
): Promise<void> {
  const good = await readFile(path);
  await alter();
  await then();
  await rm(path, { force: true });
  await writeFile(path, good);
}

test('one flipped bit anywhere in an index is found and its file named', async (t) => {
  t.ok(data.length >= 20, `${data.length} files`);
  const flipsPerFile = 10;
  for (const path of data) {
    const { size } = await stat(path);
    const name = relative(folder, path);
    for (let flip = 0; flip < flipsPerFile; flip += 1) {
      const [at, bit] = [Math.floor(random() * size), Math.floor(random() * 8)];
      await altered(
        path,
        () => flipBit(path, at, bit),
        async () => {
          const found = await damageFound();
          if (found !== name) t.fail(`bit ${bit} of byte ${at} of ${name}: ${found ?? 'nothing'}`);
        },
      );
    }
  }
  t.equal(await damageFound(), undefined, 'nothing is left of it');
});

test('one flipped bit in manifest.json is no index any more', async (t) => {
  const path = join(folder, headName);
  const { size } = await stat(path);
  for (let flip = 0; flip < 150; flip += 1) {
    const [at, bit] = [Math.floor(random() * size), Math.floor(random() * 8)];
    await altered(
      path,
      () => flipBit(path, at, bit),
      async () => {
        const given = await openIndex(folder).catch((error: unknown) => error);
        const { code } = given as { code?: string };
        if (code !== 'SSP_INDEX_DAMAGED') t.fail(`bit ${bit} of byte ${at}: ${code ?? 'opened'}`);
      },
    );
  }
  await (await openIndex(folder)).close();
});

test('a cut, an extended and a missing file are found at every opening', async (t) => {
  const alterations = {
    cut: async (path: string) => truncate(path, Math.floor(random() * (await stat(path)).size)),
    extended: (path: string) => appendFile(path, 'x'),
    missing: (path: string) => rm(path),
  };
  for (const path of data) {
    for (const [what, alter] of Object.entries(alterations)) {
      const name = relative(folder, path);
      await altered(
        path,
        () => alter(path),
        async () => {
          await t.rejects(
            openIndex(folder),
            { code: 'SSP_INDEX_DAMAGED', message: `${name}: it ` },
            what,
          );
          t.equal(await damageFound(), name, `${what}: ${name}`);
        },
      );
    }
  }
  await (await openIndex(folder)).close();
});

test('a file too many is found', async (t) => {
  const extra = join(await currentData(folder), 'bm25', 'shard-1-documents.bin');
  await writeFile(extra, '');
  const { ok, checks } = await verify();
  t.notOk(ok);
  t.match(checks, [
    { name: relative(folder, extra), detail: 'the index has no such file: remove it' },
  ]);
});
