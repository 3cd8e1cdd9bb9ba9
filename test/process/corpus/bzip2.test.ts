import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { bunzip2, bzip2Segments } from '../../../corpus/bzip2.ts';
import type { Bzip2Program } from '../../../corpus/bzip2-program.ts';
import { findBzip2 } from '../../../corpus/bzip2-program.ts';
import { smallChunks } from '../../material/corpus/build-request.ts';

const native = findBzip2();
const needsProgram = native === undefined ? { skip: 'no bzip2 program on the PATH' } : {};

function compress(data: string | Buffer): Buffer {
  return execFileSync(native?.path ?? '', ['-z', '-c'], { input: data, maxBuffer: 2 ** 28 });
}

/** Text that bzip2 cannot make small, so that streams have some length. */
function noise(seed: string, bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = 0; parts.length * 32 < bytes; n += 1) {
    parts.push(createHash('sha256').update(`${seed}${n}`).digest());
  }
  return Buffer.from(Buffer.concat(parts).toString('hex').slice(0, bytes));
}

async function unpacked(
  path: string,
  program: Bzip2Program | undefined,
  workers: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bunzip2(smallChunks(path, 10_007), { workers, program }))
    parts.push(part);
  return Buffer.concat(parts);
}

test('program and library give the same bytes, one stream or many', needsProgram, async (t) => {
  const texts = Array.from({ length: 12 }, (_, n) => noise(`stream ${n}`, 200_000));
  const folder = t.testdir({ 'empty.bz2': compress('') });
  writeFileSync(join(folder, 'multi.bz2'), Buffer.concat(texts.map(compress)));
  writeFileSync(join(folder, 'single.bz2'), compress(texts[0] ?? ''));
  const whole = Buffer.concat(texts);
  for (const program of [native, undefined]) {
    for (const workers of [1, 3]) {
      const bytes = await unpacked(join(folder, 'multi.bz2'), program, workers);
      t.ok(bytes.equals(whole), `${program?.path ?? 'library'}, ${workers} workers`);
    }
    t.ok((await unpacked(join(folder, 'single.bz2'), program, 2)).equals(texts[0] ?? whole));
    t.equal((await unpacked(join(folder, 'empty.bz2'), program, 1)).length, 0);
  }
});

test('streams are cut where they begin, wherever chunks end', needsProgram, async (t) => {
  const streams = Array.from({ length: 5 }, (_, n) => compress(noise(`s${n}`, 50_000)));
  const path = join(t.testdir(), 'multi.bz2');
  writeFileSync(path, Buffer.concat(streams));
  for (const chunkBytes of [997, 65_536]) {
    const offsets: number[] = [];
    const parts: Buffer[] = [];
    for await (const segment of bzip2Segments(smallChunks(path, chunkBytes), 1, 2 ** 20)) {
      offsets.push(segment.offset);
      parts.push(segment.data);
      t.ok(segment.isWhole);
    }
    const starts = streams.map((_, n) => streams.slice(0, n).reduce((sum, s) => sum + s.length, 0));
    t.strictSame(offsets, starts);
    t.ok(Buffer.concat(parts).equals(Buffer.concat(streams)));
  }
});

test('a stream over the limit goes through one decompressor', needsProgram, async (t) => {
  const texts = [noise('a', 100_000), noise('b', 12_000_000), noise('c', 100_000)];
  const path = join(t.testdir(), 'long.bz2');
  writeFileSync(path, Buffer.concat(texts.map(compress)));
  const bytes = await unpacked(path, native, 2);
  t.ok(bytes.equals(Buffer.concat(texts)));
});

test('cut and altered data is refused', needsProgram, async (t) => {
  const good = Buffer.concat([compress(noise('a', 1_500_000)), compress(noise('b', 1_500_000))]);
  const altered = Buffer.from(good);
  altered[good.length - 5000] = (altered[good.length - 5000] ?? 0) ^ 0x55;
  const folder = t.testdir();
  for (const [name, data] of [
    ['cut', good.subarray(0, -100)],
    ['altered', altered],
  ] as const) {
    writeFileSync(join(folder, name), data);
    for (const program of [native, undefined]) {
      await t.rejects(unpacked(join(folder, name), program, 2), { message: /./ }, name);
    }
  }
});
