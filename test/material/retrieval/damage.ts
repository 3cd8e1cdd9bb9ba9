import { open } from 'node:fs/promises';

/** Turns the lowest bit of the byte at `at` of a file, from its end where that is less than 0. */
export async function flipBit(path: string, at: number, bit = 0): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const position = at < 0 ? size + at : at;
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0] = (byte[0] ?? 0) ^ (1 << bit);
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}
