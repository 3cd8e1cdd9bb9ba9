import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { messageOf, SspError } from '../errors/error.ts';
import { writeError } from './file-errors.ts';

// A section file is a header of 64 bytes and a payload:
//   0  magic            8 bytes, "SSPSECT" and 0
//   8  format version   uint32
//  12  name             32 bytes of ASCII, filled with 0
//  44  payload bytes    uint64
//  52  reserved         4 bytes, 0
//  56  CRC-32 of the payload   uint32
//  60  CRC-32 of bytes 0..59   uint32
// Numbers are little-endian. The header is written last: a file that was cut has none, or a size that
// is not the header's.

/** The layout that this version writes and reads. */
const sectionFormatVersion = 1;
const sectionHeaderBytes = 64;
const magic = Buffer.from('SSPSECT\0', 'latin1');
const nameBytes = 32;
const pieceBytes = 8 * 1024 * 1024;

/** Appends to a section file. Calls block: writers live in worker threads or write little. */
export interface SectionWriter {
  /** Payload bytes so far. */
  readonly bytes: number;
  append(data: Uint8Array): void;
  /** Writes the header; the file is whole after it. Nothing may be appended any more. */
  end(): void;
  /** Gives the file up as it is. */
  abandon(): void;
}

/**
 * A new section file at `path`, in the place of what is there. What is appended is gathered in
 * `bufferBytes` of memory. Throws SSP_DISK_FULL and SSP_NOT_WRITABLE.
 */
export function createSectionWriter(
  path: string,
  name: string,
  bufferBytes = 1 << 18,
): SectionWriter {
  const descriptor = attempt(path, () => openSync(path, 'w'));
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let [held, bytes, checksum] = [0, 0, 0];

  function put(data: Uint8Array, position: number | null): void {
    attempt(path, () => {
      for (let done = 0; done < data.length;) {
        const at = position === null ? null : position + done;
        done += writeSync(descriptor, data, done, data.length - done, at);
      }
    });
  }

  function flush(): void {
    const data = buffer.subarray(0, held);
    checksum = crc32(data, checksum);
    put(data, null);
    held = 0;
  }

  put(Buffer.alloc(sectionHeaderBytes), null);
  return {
    get bytes() {
      return bytes;
    },
    append(data) {
      for (let done = 0; done < data.length;) {
        const count = Math.min(data.length - done, buffer.length - held);
        buffer.set(data.subarray(done, done + count), held);
        held += count;
        done += count;
        if (held === buffer.length) flush();
      }
      bytes += data.length;
    },
    end() {
      flush();
      put(headerOf(name, bytes, checksum), 0);
      closeSync(descriptor);
    },
    abandon() {
      closeSync(descriptor);
    },
  };
}

/** Writes a section file whose payload is at hand. Throws as {@link createSectionWriter} does. */
export function writeSection(path: string, name: string, payload: Uint8Array): void {
  const writer = createSectionWriter(path, name);
  writer.append(payload);
  writer.end();
}

/** A section file whose header is right and whose size is the header's. */
export interface OpenedSection {
  readonly path: string;
  readonly bytes: number;
  /**
   * Reads payload bytes from `position` on until `target` is full. They are not held against the
   * checksum: {@link loadSection} does that. Throws SSP_INDEX_DAMAGED where they cannot be read.
   */
  read(target: Uint8Array, position: number): void;
  /** CRC-32 of the payload as it was written. */
  readonly checksum: number;
  close(): void;
}

/** Opens the section `name` at `path`. Throws SSP_INDEX_DAMAGED. */
export function openSection(path: string, name: string): OpenedSection {
  const descriptor = attemptRead(path, () => openSync(path, 'r'));
  try {
    const header = Buffer.alloc(sectionHeaderBytes);
    readFully(path, descriptor, header, 0);
    const { size } = fstatSync(descriptor);
    const { bytes, checksum } = parseHeader(path, name, header, size);
    return {
      path,
      bytes,
      checksum,
      read(target, position) {
        readFully(path, descriptor, target, sectionHeaderBytes + position);
      },
      close() {
        closeSync(descriptor);
      },
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * Reads the whole payload of an opened section into `target`, which has its size, and holds it
 * against its checksum. Throws SSP_INDEX_DAMAGED.
 */
export function loadSection(section: OpenedSection, target: Uint8Array): void {
  let checksum = 0;
  for (let start = 0; start < target.length; start += pieceBytes) {
    const piece = target.subarray(start, start + pieceBytes);
    section.read(piece, start);
    checksum = crc32(piece, checksum);
  }
  if (checksum !== section.checksum) {
    throw damaged(section.path, 'its content is not what was written (CRC-32)');
  }
}

/** The whole payload of the section `name` at `path`, checked. Throws SSP_INDEX_DAMAGED. */
export function readSection(path: string, name: string): Uint8Array {
  const section = openSection(path, name);
  try {
    const payload = new Uint8Array(section.bytes);
    loadSection(section, payload);
    return payload;
  } finally {
    section.close();
  }
}

/** SSP_INDEX_DAMAGED for a file of an index. */
export function damaged(path: string, problem: string, cause?: unknown): SspError {
  return new SspError('SSP_INDEX_DAMAGED', { path, problem }, { cause });
}

function headerOf(name: string, bytes: number, checksum: number): Buffer {
  const header = Buffer.alloc(sectionHeaderBytes);
  magic.copy(header);
  header.writeUInt32LE(sectionFormatVersion, 8);
  header.write(name, 12, nameBytes, 'latin1');
  header.writeBigUInt64LE(BigInt(bytes), 44);
  header.writeUInt32LE(checksum, 56);
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60);
  return header;
}

function parseHeader(
  path: string,
  name: string,
  header: Buffer,
  size: number,
): { readonly bytes: number; readonly checksum: number } {
  const isHeader = header.subarray(0, 8).equals(magic);
  if (!isHeader || header.readUInt32LE(60) !== crc32(header.subarray(0, 60))) {
    throw damaged(path, 'its header is not what was written');
  }
  const version = header.readUInt32LE(8);
  if (version !== sectionFormatVersion) {
    throw damaged(path, `its format is ${version}, ${sectionFormatVersion} is read here`);
  }
  const written = header.toString('latin1', 12, 12 + nameBytes).replace(/\0+$/, '');
  if (written !== name) throw damaged(path, `it holds ${written} instead of ${name}`);
  const bytes = Number(header.readBigUInt64LE(44));
  if (size !== bytes + sectionHeaderBytes) {
    throw damaged(path, `it has ${size} bytes, ${bytes + sectionHeaderBytes} were written`);
  }
  return { bytes, checksum: header.readUInt32LE(56) };
}

function readFully(path: string, descriptor: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length;) {
    const count = attemptRead(path, () =>
      readSync(descriptor, target, done, target.length - done, position + done),
    );
    if (count === 0) throw damaged(path, `it ends before byte ${position + done + 1}`);
    done += count;
  }
}

function attempt<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw writeError(error, path);
  }
}

function attemptRead<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw damaged(path, messageOf(error), error);
  }
}
