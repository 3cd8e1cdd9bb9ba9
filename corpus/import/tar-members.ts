import { Header, Pax } from 'tar';

/** A file in an archive; `chunks` must be read, or left, before the next member is asked for. */
export interface TarMember {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

const blockBytes = 512;
/** Names and settings that stand in members of their own. */
const maxSettingsBytes = 2 ** 20;

/** Whether a stream that begins so is a tar archive. */
export function isTar(head: Buffer): boolean {
  return head.length >= blockBytes && head.toString('latin1', 257, 262) === 'ustar';
}

/**
 * The files of a tar archive (ustar, pax or GNU) in their order, as a stream: their bytes are never held.
 * Folders and links are passed over. Throws an Error where the archive is cut, its end mark is missing,
 * or a header's checksum is wrong.
 */
export async function* tarMembers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const bytes = new ByteReader(chunks);
  try {
    yield* membersIn(bytes);
    await bytes.drain();
  } finally {
    await bytes.close();
  }
}

async function* membersIn(bytes: ByteReader): AsyncGenerator<TarMember> {
  const settings: Settings = {};
  for (;;) {
    const header = new Header(await bytes.take(blockBytes), 0, settings.own, settings.all);
    if (header.nullBlock) return;
    if (!header.cksumValid) throw new Error('a header of the archive is damaged');
    const size = header.size ?? 0;
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    if (await readSettings(settings, header, bytes)) {
      await bytes.skip(padding);
      continue;
    }
    const content = new MemberContent(bytes, size);
    if (isFile(header)) yield { name: header.path ?? '', chunks: content.chunks() };
    await content.skipRest();
    await bytes.skip(padding);
    delete settings.own;
  }
}

function isFile({ type }: Header): boolean {
  return type === 'File' || type === 'OldFile' || type === 'ContiguousFile';
}

/** What members of their own say of the next member, and of all that follow. */
interface Settings {
  own?: Pax;
  all?: Pax;
}

/** Reads a member that is no file but says something of others; false for any other. */
async function readSettings(
  settings: Settings,
  { type, size = 0 }: Header,
  bytes: ByteReader,
): Promise<boolean> {
  const isPax = type === 'ExtendedHeader' || type === 'OldExtendedHeader';
  const isName = type === 'NextFileHasLongPath' || type === 'OldGnuLongPath';
  if (!isPax && !isName && type !== 'GlobalExtendedHeader') return false;
  if (size > maxSettingsBytes) throw new Error('a header of the archive is over a MiB long');
  const text = (await bytes.take(size)).toString('utf8');
  if (type === 'GlobalExtendedHeader') settings.all = Pax.parse(text, settings.all, true);
  else if (isPax) settings.own = Pax.parse(text, settings.own, false);
  else settings.own = Pax.parse('', { path: text.replace(/\0[^]*$/, '') }, false);
  return true;
}

/** The bytes of one member, of which the reader may leave some. */
class MemberContent {
  readonly #bytes: ByteReader;
  #left: number;

  constructor(bytes: ByteReader, size: number) {
    this.#bytes = bytes;
    this.#left = size;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const chunk = await this.#bytes.some(this.#left);
      this.#left -= chunk.length;
      yield chunk;
    }
  }

  async skipRest(): Promise<void> {
    await this.#bytes.skip(this.#left);
  }
}

/** A stream of which so many bytes are taken as are wanted. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes, at least one. */
  async some(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) throw new Error('the archive is cut');
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const chunk = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(chunk.length);
    return chunk;
  }

  async take(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = count; left > 0; left -= pieces.at(-1)?.length ?? 0) {
      pieces.push(await this.some(left));
    }
    return Buffer.concat(pieces);
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0;) left -= (await this.some(left)).length;
  }

  /** Reads the stream to its end: what is behind an archive's end mark is padding. */
  async drain(): Promise<void> {
    while ((await this.#source.next()).done !== true);
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
