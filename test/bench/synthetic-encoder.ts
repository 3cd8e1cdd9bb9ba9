import { createRandom } from '../../src/random/random.ts';
import type { Embeddings, Encoder } from '../../src/types/encoder.ts';
import type { Random } from '../../src/types/random.ts';

const centres = 1000;
const centreCache = new Map<string, Float32Array>();

/**
 * The vector of a name: one of 1,000 random unit vectors, to which a random vector of length `noise`
 * is added, normalised again. Vectors of a cluster have a cosine of about 1 / (1 + noise^2), those
 * of different clusters about 0.
 */
export function syntheticVector(name: string, dimension: number, noise: number): Float32Array {
  const random = createRandom(1, 'vector', name);
  const centre = centreOf(random.below(centres), dimension);
  const offset = gaussian(random, dimension);
  const vector = centre.map((value, d) => value + noise * (offset[d] ?? 0));
  return normalised(vector);
}

/** Encodes texts by {@link syntheticVector}: for measuring vector indexes alone. */
export function syntheticEncoder(dimension: number, noise: number): Encoder {
  const encode = (texts: readonly string[]): Promise<Embeddings> => {
    const vectors_N_D = new Float32Array(texts.length * dimension);
    texts.forEach((text, i) => {
      vectors_N_D.set(syntheticVector(text, dimension, noise), i * dimension);
    });
    return Promise.resolve({ vectors_N_D, dimension, truncated_N: texts.map(() => false) });
  };
  return {
    description: {
      name: 'synthetic',
      weightsHash: `synthetic-${dimension}-${noise}`,
      dtype: 'fp32',
      pooling: 'mean',
      normalize: true,
      dimension,
      queryPrefix: '',
      passagePrefix: '',
      titleSeparator: '',
      queryMaxTokens: 1,
      passageMaxTokens: 1,
    },
    encodeQueries: (queries) => encode(queries),
    encodePassages: (passages) => encode(passages.map(({ text }) => text)),
    close: () => Promise.resolve(),
  };
}

function centreOf(number: number, dimension: number): Float32Array {
  const key = `${number}/${dimension}`;
  const known = centreCache.get(key);
  if (known !== undefined) return known;
  const made = gaussian(createRandom(1, 'centre', number), dimension);
  centreCache.set(key, made);
  return made;
}

/** A random direction, as a unit vector (Box and Muller 1958). */
function gaussian(random: Random, dimension: number): Float32Array {
  const uniform = (): number => (random.next() + 0.5) / 2 ** 32;
  const vector = new Float32Array(dimension);
  for (let d = 0; d < dimension; d += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    vector[d] = radius * Math.cos(angle);
    if (d + 1 < dimension) vector[d + 1] = radius * Math.sin(angle);
  }
  return normalised(vector);
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
