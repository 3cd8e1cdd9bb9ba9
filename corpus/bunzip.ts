import unbzip2 from 'unbzip2-stream';

/** A piece of a dump grows 4 to 20 times; more is damage or an attack. */
export const maxExpandedBytes = 2 ** 28;
export const expandsTooMuch = 'it expands to more than 256 MiB';

/**
 * bzip2 in JavaScript, without an event loop turn between bytes in and bytes out. Concatenated
 * streams are read on; checksums are checked. No call gives more than 256 MiB.
 */
export class Bunzip {
  readonly #stream = unbzip2();
  #out: Uint8Array[] = [];
  #outBytes = 0;
  #error: Error | undefined;

  constructor() {
    this.#stream.on('data', (chunk: Uint8Array) => {
      this.#outBytes += chunk.length;
      // The library takes this for an error of the data, and stops.
      if (this.#outBytes > maxExpandedBytes) throw new Error(expandsTooMuch);
      this.#out.push(chunk);
    });
    this.#stream.on('error', (error: Error) => {
      this.#error ??= error;
    });
  }

  /** Throws an Error where the data is no bzip2 or its checksum differs. */
  write(chunk: Uint8Array): Uint8Array[] {
    this.#stream.write(chunk);
    return this.#take();
  }

  /** Throws an Error where the data ends too early. */
  end(): Uint8Array[] {
    this.#stream.end();
    return this.#take();
  }

  #take(): Uint8Array[] {
    if (this.#error !== undefined) throw this.#error;
    const out = this.#out;
    this.#out = [];
    this.#outBytes = 0;
    return out;
  }
}
