import { isUtf8 } from 'node:buffer';

/** One line of a text without its line end; `number` counts from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** A line that cannot be read as text. */
export class LineError extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

const newline = 0x0a;
const maxLineBytes = 64 * 2 ** 20;

/**
 * The lines of a UTF-8 byte stream, with or without a byte order mark, `\n` or `\r\n`, the last one
 * with or without its end. Throws {@link LineError} at bytes that are no UTF-8 and at lines over
 * 64 MiB; errors of the stream pass through.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      number += 1;
      yield { number, text: decodeLine(whole([...rest, bytes.subarray(start, end)]), number) };
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start === bytes.length) continue;
    rest.push(bytes.subarray(start));
    restBytes += bytes.length - start;
    if (restBytes > maxLineBytes) throw new LineError(number + 1, 'the line is over 64 MiB long');
  }
  if (rest.length > 0) yield { number: number + 1, text: decodeLine(whole(rest), number + 1) };
}

function whole(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/**
 * The text of a line's bytes, without `\r` at its end and, on line 1, without a byte order mark. Throws
 * {@link LineError} where they are no UTF-8.
 */
export function decodeLine(bytes: Buffer, number: number): string {
  if (!isUtf8(bytes)) throw new LineError(number, 'it is not UTF-8 text');
  let text = bytes.toString('utf8');
  if (number === 1 && text.startsWith('\u{FEFF}')) text = text.slice(1);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
