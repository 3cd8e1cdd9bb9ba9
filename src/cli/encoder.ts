import { Command } from 'commander';

import { exportEncoderFolder } from '../app/export-encoder.ts';
import { PolicyEvents } from '../app/policy-events.ts';
import { serveEncoder } from '../app/serve-encoder.ts';
import type { ExportReport } from '../python/export.ts';
import { describeInWords } from '../retrieval/model-folder.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, markRequired, resolveConfig } from './section-options.ts';

/** `ssp encoder`: commands about encoder models. */
export function encoderCommand(): Command {
  return new Command('encoder')
    .addCommand(encoderExportCommand())
    .addCommand(encoderServeCommand());
}

/** `ssp encoder export <folder> --out <folder>`. */
function encoderExportCommand(): Command {
  return new Command('export')
    .description('export a Hugging Face encoder folder (BERT, XLM-RoBERTa) to ONNX, fp32 and q8')
    .argument('<folder>', 'folder with config.json, tokenizer and PyTorch weights')
    .requiredOption('--out <folder>', 'folder to make; it appears whole or not at all')
    .option('--name <name>', 'name in the description; an e5 name brings the rules of e5')
    .option('--force', 'replace an export that is there')
    .addHelpText('after', exportHelp)
    .action(
      runAction(async (context, options, [source = '']) => {
        const out = String(options['out']);
        const { name } = options as { name?: string };
        const force = options['force'] === true;
        const { description, report } = await exportEncoderFolder(
          { source, out, name, force },
          context,
        );
        const words = `${describeInWords(description)}\n${humanReport(out, report)}`;
        context.print({ out, description, ...report }, words);
      }),
    );
}

const exportHelp = `
PyTorch runs in a Python environment that is made on first use (Python 3.11 or newer, 8 GB of disk).
Both models are compared with PyTorch on a set of texts; fp32 must agree to 1e-4.

Examples:
  $ npx ssp encoder export models/e5-small-v2 --out models/e5-small-v2-onnx
  $ npx ssp index build --corpus corpus --out index --encoder-model models/e5-small-v2-onnx`;

/** `ssp encoder serve --model <folder>`, until it is told to stop. */
function encoderServeCommand(): Command {
  const command = new Command('serve')
    .description('serve the vectors of an encoder folder over /v1/embeddings, by PyTorch on a GPU')
    .addHelpText('after', serveHelp);
  return markRequired(addConfigOptions(command, 'encoderServer'), { '--model': '' }).action(
    runAction(async (context, options) => {
      const { encoderServer } = await resolveConfig(options, 'encoderServer');
      await serveEncoder(encoderServer, new PolicyEvents(context), context);
    }),
  );
}

const serveHelp =
  `
Texts are embedded as they come: ` +
  '\`ssp index build\`' +
  ` puts the prefixes of e5 before them where the name
in --encoder-model says e5. The port is open from the start: GET /readyz tells when requests are
answered. Ctrl-C (or SIGTERM) finishes the requests under way and ends with exit code 0.
On other addresses than this machine's own, SSP_EMBEDDINGS_KEY must be set, here and for the index.

Examples:
  $ npx ssp encoder serve --model models/e5-base-v2 --dtype fp16
  $ npx ssp index build --corpus corpus --out index --modes dense \\
      --encoder-url http://127.0.0.1:8002 --encoder-model e5-base-v2`;

function humanReport(out: string, report: ExportReport): string {
  const lines = (['fp32', 'q8'] as const).map((dtype) => {
    const { maxAbsDiff, minCosine, bytes } = report[dtype];
    const megabytes = (bytes / 1e6).toFixed(1).padStart(7);
    return `  ${dtype.padEnd(4)} ${megabytes} MB   max abs difference ${maxAbsDiff.toExponential(1)}   min cosine ${minCosine.toFixed(6)}`;
  });
  return `${out}: vectors against PyTorch on ${report.texts} texts (${report.tokens} tokens)\n${lines.join('\n')}`;
}
