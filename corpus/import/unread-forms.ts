const signatures: readonly (readonly [start: string, problem: string])[] = [
  ['\u{FF}\u{FE}', 'it is UTF-16 text; `iconv -f UTF-16 -t UTF-8` makes it readable'],
  ['\u{FE}\u{FF}', 'it is UTF-16 text; `iconv -f UTF-16 -t UTF-8` makes it readable'],
  ['PAR1', 'it is a Parquet file in an archive or pipe; unpack it and give the file'],
  ['PK\u{3}\u{4}', 'it is a zip archive; unpack it and give the folder'],
  ['\u{28}\u{B5}\u{2F}\u{FD}', 'it is compressed by zstd; unpack it with `zstd -d`'],
  ['\u{FD}7zXZ\0', 'it is compressed by xz; unpack it with `xz -d`'],
  ["7z\u{BC}\u{AF}'\u{1C}", 'it is a 7z archive; unpack it and give the folder'],
];

/**
 * What a file that begins so is, and what to do, where it is of a form that is not read but that holds
 * text; undefined otherwise. A JSON array is one: it cannot be read row by row.
 */
export function unreadForm(head: Buffer): string | undefined {
  const start = head.toString('latin1', 0, 1024);
  const known = signatures.find(([signature]) => start.startsWith(signature));
  if (known !== undefined) return known[1];
  return /^(?:\u{EF}\u{BB}\u{BF})?\s*\[\s*(?:\{|\[|"|$)/u.test(start)
    ? "it is one JSON array; `jq -c '.[]'` writes its records as lines"
    : undefined;
}
