import { defineErrors } from './entry.ts';

/** Reading dumps and passage files, writing and reading a corpus. */
export const corpusErrors = defineErrors({
  SSP_CORPUS_DAMAGED: {
    message: 'The corpus file {path} is damaged at line {line}: {problem}',
    remedy: 'Build the corpus again with `ssp corpus build` or `ssp corpus import`.',
    status: 500,
    exitCode: 2,
  },
  SSP_INPUT_FORMAT: {
    message: '{path} cannot be read as {expected}: {problem}',
    remedy: 'The format is taken from the first bytes, not from the name. See docs/corpus.md.',
    status: 400,
    exitCode: 2,
  },
  SSP_INPUT_DAMAGED: {
    message: 'The data of {path} is cut or corrupt near byte {offset}: {problem}',
    remedy: 'Fetch the file again and compare its checksum with the published one.',
    status: 400,
    exitCode: 2,
  },
  SSP_IMPORT_INVALID: {
    message: '{place} of {path} cannot be imported: {problem}',
    remedy:
      'Mend it and run the same command again: finished shards are kept. docs/corpus.md says which rows are read.',
    status: 400,
    exitCode: 2,
  },
  SSP_DUMP_INVALID: {
    message: '{path} is not a whole MediaWiki dump: {problem} (byte {offset} of the file was read)',
    remedy: 'Give an XML export of pages; if it was cut in transfer, fetch it again.',
    status: 400,
    exitCode: 2,
  },
  SSP_DUMP_WITHOUT_TEXT: {
    message: 'None of the {count} pages of {path} has a text: {problem}.',
    remedy:
      'Give a dump with the texts of the pages, such as pages-articles, or an export of pages that were not deleted.',
    status: 400,
    exitCode: 2,
  },
  SSP_INPUT_CHANGED: {
    message:
      'The first {count} {what} of the input are not those of the interrupted run in {path}.',
    remedy: 'Give the same files in the same order, or pass --restart to begin anew.',
    status: 409,
    exitCode: 2,
  },
  SSP_WORKER_FAILED: {
    message: 'The worker threads cannot start: {problem}',
    remedy: 'Check the free memory, or try fewer with --workers 1.',
    status: 500,
    exitCode: 3,
  },
  SSP_INPUT_EMPTY: {
    message: '{path} holds no {what}.',
    remedy: 'Check that it is the right file and that it was fetched whole.',
    status: 400,
    exitCode: 2,
  },
});

/** Building, opening and verifying an index. */
export const indexErrors = defineErrors({
  SSP_INDEX_UNFINISHED: {
    message: 'The index at {path} is half-built: {progress}',
    remedy: 'Run the same `ssp index build` again; it goes on where it stopped.',
    status: 503,
    exitCode: 2,
  },
  SSP_INDEX_BUSY: {
    message: 'Another `ssp index build` (process {pid} on {host}) is at work on {path}.',
    remedy:
      'Wait for it to end, or stop it, or choose another --out. Only where {host} is another machine on which it has died: remove the lock file {lock}.',
    status: 409,
    exitCode: 2,
  },
  SSP_INDEX_DIFFERS: {
    message: 'The index at {path} was begun with other settings: {differences}',
    remedy:
      'Give the same settings, choose another --out, or pass --force to build again what they change.',
    status: 409,
    exitCode: 2,
  },
  SSP_INDEX_OUTDATED: {
    message:
      'The index at {path} was built by an earlier version of ssp, which this one does not read.',
    remedy: 'Make it anew: `ssp index build --corpus <its corpus> --out {path} --force`.',
    status: 503,
    exitCode: 2,
  },
  SSP_INDEX_DAMAGED: {
    message: 'The index at {path} is damaged: {problem}',
    remedy:
      'Build it again with `ssp index build --force`; a running service takes it at SIGHUP. `ssp index verify` names every damaged file.',
    status: 503,
    exitCode: 2,
  },
  SSP_DISK_FULL: {
    message: 'There is no room on the disk of {path}: {problem}',
    remedy:
      'Free some space or choose a folder on another disk, then run the same command again. An index takes less with fewer --modes.',
    status: 507,
    exitCode: 3,
  },
  SSP_VECTORS_FORMAT: {
    message: 'The vectors of {path} cannot be imported: {problem}.',
    remedy:
      'Give a flat index (IndexFlatIP, IndexFlatL2, or IndexScalarQuantizer with fp16), or encode with `ssp index build`. See docs/wiki-18.md.',
    status: 400,
    exitCode: 2,
  },
  SSP_VECTORS_DAMAGED: {
    message: 'The FAISS index {path} is not whole: {problem}',
    remedy:
      'Name all its parts in their order (`--index-file part_aa part_ab`), and compare their sizes with the published ones.',
    status: 400,
    exitCode: 2,
  },
  SSP_VECTORS_MISMATCH: {
    message: 'The vectors are not those of the corpus by this encoder: {problem}',
    remedy: '{advice} See docs/index.md.',
    status: 409,
    exitCode: 2,
  },
  SSP_VECTORS_RANGE: {
    message:
      'The vector of row {row} does not fit into fp16: its largest number is {value}, and fp16 goes from 0.000061 to 65504.',
    remedy: 'Store the vectors as fp32: `--vector-dtype fp32`.',
    status: 409,
    exitCode: 2,
  },
  SSP_ENCODER_MISMATCH: {
    message: 'The encoder is not the one that made the index at {path}: {differences}',
    remedy: 'Give the encoder that the index names, or build the index again with this one.',
    status: 409,
    exitCode: 2,
  },
  SSP_TOPK_RANGE: {
    message: 'topK is {topK}; it must be a whole number from 1 to {maximum}.',
    remedy: 'Ask for a number of hits in this range.',
    status: 400,
    exitCode: 2,
  },
});
