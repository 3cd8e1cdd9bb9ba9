/** Rows of a text file on their way to a worker: whole lines, the last with or without its end. */
export interface WholeRows {
  readonly bytes: Uint8Array;
  /** Number of the first line in its file, from 1. */
  readonly firstLine: number;
}

/** A row that cannot be read; `line` is where it begins or, in a table, where it was given up. */
export class RowError extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

const [lineEnd, quote] = [0x0a, 0x22];
/** Rows that are worked on at once: enough that passing them on costs little. */
const batchBytes = 2 ** 20;
const maxRowBytes = 64 * 2 ** 20;

/**
 * Cuts a text into pieces of whole rows of about a MiB. With `quoted` a line end between double quotes
 * does not end a row, as in tables of comma- or tab-separated values. Throws {@link RowError} where a
 * row is over 64 MiB long.
 */
export async function* wholeRows(
  chunks: AsyncIterable<Uint8Array>,
  { quoted }: { readonly quoted: boolean },
): AsyncGenerator<WholeRows> {
  const cutter = new RowCutter(quoted);
  for await (const chunk of chunks) {
    const rows = cutter.add(chunk);
    if (rows !== undefined) yield rows;
  }
  const rest = cutter.end();
  if (rest !== undefined) yield rest;
}

class RowCutter {
  readonly #quoted: boolean;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isQuoted = false;
  /** Bytes of the pieces up to the last end of a row, and the line ends in them. */
  #whole = 0;
  #wholeLines = 0;
  #lines = 0;
  #firstLine = 1;

  constructor(quoted: boolean) {
    this.#quoted = quoted;
  }

  add(chunk: Uint8Array): WholeRows | undefined {
    this.#scan(chunk);
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes - this.#whole > maxRowBytes) {
      const line = this.#firstLine + this.#wholeLines;
      throw new RowError(line, 'the line, or what its quotes enclose, is over 64 MiB long');
    }
    return this.#whole >= batchBytes ? this.#take(this.#whole) : undefined;
  }

  end(): WholeRows | undefined {
    return this.#bytes === 0 ? undefined : this.#take(this.#bytes);
  }

  #scan(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i];
      if (byte === quote) this.#isQuoted = this.#quoted && !this.#isQuoted;
      else if (byte === lineEnd) {
        this.#lines += 1;
        if (this.#isQuoted) continue;
        this.#whole = this.#bytes + i + 1;
        this.#wholeLines = this.#lines;
      }
    }
  }

  /** A copy of the first bytes: a view would take the whole memory behind it to a worker. */
  #take(length: number): WholeRows {
    const all = Buffer.concat(this.#pieces);
    const rows = { bytes: new Uint8Array(all.subarray(0, length)), firstLine: this.#firstLine };
    const rest = new Uint8Array(all.subarray(length));
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    this.#firstLine += this.#wholeLines;
    this.#lines -= this.#wholeLines;
    [this.#whole, this.#wholeLines] = [0, 0];
    return rows;
  }
}
