import type { Encoder } from '../types/encoder.ts';

/** An encoder at work, as far as it can be seen from outside. */
export interface EncoderRate {
  readonly name: string;
  readonly dimension: number;
  readonly passagesPerSecond: number;
}

const sentence =
  'The town lies on the northern bank of the river, where a ferry crossed to the market until the stone bridge of 1743 was built; ';
/** Sentences of 24 words: passages of about 50 to 170 words, 100 in the mean. */
const lengths = [2, 3, 4, 4, 4, 5, 5, 7];
const passages = Array.from({ length: 4 }, () => lengths)
  .flat()
  .map((count, i) => ({ title: `Bridge ${i}`, text: `${i} ${sentence.repeat(count)}` }));
const measuredMs = 2000;

/** How many passages of about 100 words an encoder takes a second, measured for two seconds or so. */
export async function measureEncoder(encoder: Encoder): Promise<EncoderRate> {
  await encoder.encodePassages(passages.slice(0, 4));
  const startMs = performance.now();
  let [encoded, elapsedMs] = [0, 0];
  while (elapsedMs < measuredMs) {
    await encoder.encodePassages(passages);
    encoded += passages.length;
    elapsedMs = performance.now() - startMs;
  }
  const { name, dimension } = encoder.description;
  return { name, dimension, passagesPerSecond: (1000 * encoded) / elapsedMs };
}
