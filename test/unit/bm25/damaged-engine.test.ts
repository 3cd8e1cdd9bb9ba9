import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import t, { test } from 'tap';

import { isSspError } from '../../../src/errors/error.ts';
import { buildEngine, openEngine } from '../../material/bm25/small-engine.ts';
import { randomNumbers, smallPassages } from '../../material/retrieval/small-corpus.ts';

t.setTimeout(600_000); // hundreds of engines, on whatever machine this is

const folder = t.testdir();
const texts = smallPassages(3000).map(({ title, text }) => `${title} ${text}`);
buildEngine(folder, [...texts, 'river '.repeat(300).trim()]);
const files = readdirSync(folder).filter((name) => name.endsWith('.bin'));
const queries = [['river', 'castle'], ['dynasty'], ['comet', 'comet', 'planet', 'of'], ['none']];
const random = randomNumbers(17);

function answers(): string {
  const engine = openEngine(folder);
  return JSON.stringify(
    queries.map((query) => [engine.search(query, 20), engine.explain(query, 5)]),
  );
}

/** What became of the answers after `alter` has changed a file's bytes. */
function outcome(file: string, alter: (bytes: Buffer) => void): 'same' | 'refused' | 'other' {
  const path = join(folder, file);
  const good = readFileSync(path);
  alter(Buffer.from(good));
  try {
    return answers() === sound ? 'same' : 'other';
  } catch (error) {
    if (isSspError(error, 'SSP_INDEX_DAMAGED')) return 'refused';
    throw error;
  } finally {
    writeFileSync(path, good);
  }
}

const sound = answers();

test('of 500 flipped or cut files every one is refused', (t) => {
  t.ok(files.length >= 12, files.join());
  for (let i = 0; i < 500; i += 1) {
    const file = files[i % files.length] ?? '';
    const path = join(folder, file);
    const found = outcome(file, (bytes) => {
      const at = Math.floor(random() * bytes.length);
      if (i % 3 === 0) {
        truncateSync(path, at);
      } else {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        writeFileSync(path, bytes);
      }
    });
    if (found !== 'refused') t.fail(`${file}, number ${i}: ${found}`);
  }
  t.equal(answers(), sound);
  t.end();
});

test('a file of another engine is refused', (t) => {
  const other = join(t.testdirName, 'other');
  buildEngine(other, texts.slice(0, 2000));
  for (const file of files) {
    const theirs = readFileSync(join(other, file));
    if (theirs.equals(readFileSync(join(folder, file)))) continue;
    const found = outcome(file, () => {
      writeFileSync(join(folder, file), theirs);
    });
    // With its description alone all others are of another engine.
    t.equal(found, 'refused', file);
  }
  t.end();
});
