import { createLimiter } from '../concurrency/limits.ts';
import { isSspError, SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import type { EmbeddingsServer } from './embeddings-request.ts';
import { requestVectors } from './embeddings-request.ts';
import { normalizeRow } from './pooling.ts';

const requestsInFlight = 4;
/** How long a server that does not answer is asked only where no other one does. */
const restMs = 300_000;
/** Servers of one model agree to this much, also where one computes in half precision. */
const leastCosine = 0.999;
const probe = 'passage: Marie Curie discovered radium in 1898.';

interface Place {
  readonly server: EmbeddingsServer;
  inFlight: number;
  restsUntil: number;
}

/** Servers of the same model, between which requests are shared out. */
export class EmbeddingsServers {
  readonly dimension: number;
  readonly #places: readonly Place[];
  readonly #progress: Pick<Progress, 'note'>;
  readonly #limit: ReturnType<typeof createLimiter>;

  private constructor(
    servers: readonly EmbeddingsServer[],
    dimension: number,
    progress: Pick<Progress, 'note'>,
  ) {
    this.#places = servers.map((server) => ({ server, inFlight: 0, restsUntil: 0 }));
    this.dimension = dimension;
    this.#progress = progress;
    this.#limit = createLimiter(requestsInFlight * servers.length);
  }

  /**
   * Asks every server for one vector; those that do not answer are left out with a note. Throws
   * SSP_EMBEDDINGS_UNREACHABLE where none answers, SSP_EMBEDDINGS_INVALID where two differ, and what
   * else `requestVectors` throws.
   */
  static async open(
    servers: readonly EmbeddingsServer[],
    progress: Pick<Progress, 'note'>,
    signal?: AbortSignal,
  ): Promise<EmbeddingsServers> {
    const replies = await Promise.all(servers.map((server) => firstReply(server, signal)));
    const living = replies.filter((reply) => 'vector' in reply);
    for (const reply of replies) {
      if (!('gone' in reply)) continue;
      if (living.length === 0) throw reply.gone;
      progress.note(`${reply.gone.message} Going on without it.`);
    }
    requireSame(living);
    const dimension = living[0]?.vector.length ?? 0;
    return new EmbeddingsServers(
      living.map(({ server }) => server),
      dimension,
      progress,
    );
  }

  /**
   * The vectors of one request's texts, in their order, from the server with the least to do. One
   * that does not answer is noted, left out for a while, and its texts go to another. Throws as
   * `requestVectors` does, SSP_EMBEDDINGS_UNREACHABLE once none answers.
   */
  request(texts: readonly string[], signal: AbortSignal): Promise<number[][]> {
    return this.#limit(async () => {
      const tried = new Set<Place>();
      for (;;) {
        const place = this.#next(tried);
        tried.add(place);
        place.inFlight += 1;
        try {
          return await requestVectors(place.server, texts, signal, this.dimension);
        } catch (error) {
          const isGone = isSspError(error, 'SSP_EMBEDDINGS_UNREACHABLE');
          if (!isGone || tried.size === this.#places.length) throw error;
          this.#leaveOut(place, error.message);
        } finally {
          place.inFlight -= 1;
        }
      }
    }, signal);
  }

  /** The untried server with the least to do; one that rests only where there is no other. */
  #next(tried: ReadonlySet<Place>): Place {
    const now = Date.now();
    const order = (place: Place): number =>
      place.inFlight + (place.restsUntil > now ? Number.MAX_SAFE_INTEGER / 2 : 0);
    const left = this.#places.filter((place) => !tried.has(place));
    return left.reduce((best, place) => (order(place) < order(best) ? place : best));
  }

  #leaveOut(place: Place, problem: string): void {
    const now = Date.now();
    if (place.restsUntil <= now) this.#progress.note(`${problem} Its texts go to the others.`);
    place.restsUntil = now + restMs;
  }
}

interface Living {
  readonly server: EmbeddingsServer;
  readonly vector: readonly number[];
}

/** A server's vector of the probe, or that it does not answer. */
async function firstReply(
  server: EmbeddingsServer,
  signal?: AbortSignal,
): Promise<Living | { readonly gone: Error }> {
  try {
    const [vector = []] = await requestVectors(server, [probe], signal);
    return { server, vector };
  } catch (error) {
    if (!isSspError(error, 'SSP_EMBEDDINGS_UNREACHABLE')) throw error;
    return { gone: error };
  }
}

/** Throws SSP_EMBEDDINGS_INVALID where a server's vector is another one than the first server's. */
function requireSame([first, ...others]: readonly Living[]): void {
  if (first === undefined) return;
  const unit = normalizeRow(Float32Array.from(first.vector));
  for (const { server, vector } of others) {
    const row = normalizeRow(Float32Array.from(vector));
    const cosine = row.reduce((sum, value, d) => sum + value * (unit[d] ?? 0), 0);
    if (vector.length === first.vector.length && cosine >= leastCosine) continue;
    throw new SspError('SSP_EMBEDDINGS_INVALID', {
      url: server.url,
      problem: `its vectors are not those of ${first.server.url}: another model`,
    });
  }
}
