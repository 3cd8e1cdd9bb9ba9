import { isDeepStrictEqual } from 'node:util';

import { encoderConfig } from '../config/index-build.ts';
import { messageOf, SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import type { ExportReport } from '../python/export.ts';
import { exportEncoder } from '../python/export.ts';
import { openEncoder } from '../retrieval/encoder.ts';
import type { FolderDescription } from '../retrieval/model-folder.ts';
import { describeFolder, folderName, statedFile } from '../retrieval/model-folder.ts';

/** An encoder to export. */
export interface ExportRequest {
  /** Folder with config.json, tokenizer and PyTorch weights. */
  readonly source: string;
  readonly out: string;
  /** Name in the description; that of the folder where it is left out. */
  readonly name?: string | undefined;
  /** Replace what `out` holds. */
  readonly force: boolean;
}

/** What was exported, and how far it is from PyTorch. */
interface Exported {
  readonly description: FolderDescription;
  readonly report: ExportReport;
}

/**
 * Exports an encoder folder to ONNX. The result appears only once it has been opened as an index
 * opens it. Throws SSP_OUTPUT_EXISTS, SSP_ENCODER_UNSUPPORTED, SSP_ENCODER_EXPORT_FAILED, SSP_FILE_
 * errors and the SSP_PYTHON_ errors.
 */
export async function exportEncoderFolder(
  { source, out, name = folderName(source), force }: ExportRequest,
  job: JobContext,
): Promise<Exported> {
  const description = await describeFolder(source, name);
  const report = await exportEncoder({
    ...job,
    ...{ source, out, force, pooling: description.pooling },
    description: { file: statedFile, value: description },
    check: async (folder) => {
      const problem = await openingProblem(folder, description, job).catch(messageOf);
      if (problem === undefined) return;
      throw new SspError('SSP_ENCODER_EXPORT_FAILED', {
        path: source,
        problem: `what was written cannot be used by ssp: ${problem}`,
      });
    },
  });
  return { description, report };
}

/** What is wrong with an exported folder, as an index would find it; undefined for nothing. */
async function openingProblem(
  folder: string,
  expected: FolderDescription,
  job: JobContext,
): Promise<string | undefined> {
  for (const dtype of ['fp32', 'q8'] as const) {
    const encoder = await openEncoder(encoderConfig.parse({ model: folder, dtype }), job);
    const found = { ...encoder.description, ...expected };
    const { vectors_N_D } = await encoder.encodeQueries(['a']);
    await encoder.close();
    if (!isDeepStrictEqual(found, encoder.description)) return 'its description reads otherwise';
    if (!vectors_N_D.every(Number.isFinite)) return `its ${dtype} vectors are no numbers`;
  }
  return undefined;
}
