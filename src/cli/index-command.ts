import { readFile } from 'node:fs/promises';

import { Command } from 'commander';

import type { MeasuredSearch, Verification } from '../../indexer/verify-index.ts';
import type { PushedTo } from '../app/push-index.ts';
import { isClusterAddress } from '../elasticsearch/cluster-address.ts';
import { SspError } from '../errors/error.ts';
import type { IndexManifest } from '../types/index-manifest.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

/** `ssp index`: what makes a corpus searchable. */
export function indexCommand(): Command {
  return new Command('index')
    .addCommand(indexBuildCommand())
    .addCommand(indexImportCommand())
    .addCommand(indexVerifyCommand())
    .addCommand(indexPushCommand());
}

const buildHelp = `
The build can be stopped at any moment (Ctrl-C, kill, power cut): the same command goes on where it
stopped and gives the same index. A mode can be added later by naming it in --modes.

Examples:
  $ npx ssp index build --corpus data/corpus --out data/index
  $ npx ssp index build --corpus data/corpus --out data/index --modes bm25
  $ npx ssp index build --corpus data/corpus --out data/index --encoder-model models/e5-small-v2`;

/** `ssp index build`: BM25 and vectors over a corpus. */
function indexBuildCommand(): Command {
  const command = new Command('build')
    .description('index a corpus by BM25 and by vectors; goes on where an earlier run stopped')
    .requiredOption('--corpus <folder>', 'finished corpus folder')
    .requiredOption('--out <folder>', 'index folder to write')
    .option('--force', 'replace what --out holds: what other settings change, or else everything')
    .addHelpText('after', buildHelp);
  return addConfigOptions(command, 'index', 'encoder').action(
    runAction(async (context, options) => {
      const { buildIndexWith } = await import('../app/build-index.ts');
      const config = await resolveConfig(options, 'index', 'encoder');
      const [corpus, out] = [String(options['corpus']), String(options['out'])];
      const request = { corpus, out, force: options['force'] === true };
      const { manifest, manifestHash } = await buildIndexWith(request, config, context);
      context.print({ manifestHash, manifest }, builtText(out, manifest, manifestHash));
    }),
  );
}

const importHelp = `
Reads IndexFlatIP, IndexFlatL2 and IndexScalarQuantizer (fp16) files as faiss.write_index writes them; parts
are not joined. Row i must be passage i. Before anything is built, row count, dimension and a sample of rows
are compared with the corpus and the encoder. The rest is as in \`ssp index build\`: a mode that an index has
stays, and the same command goes on after an interruption.

Examples:
  $ npx ssp index import-faiss --index-file part_aa part_ab --corpus data/wiki-18 \\
      --out data/wiki-18-index --encoder-model intfloat/e5-base-v2 --encoder-quoted-titles
  $ npx ssp index import-faiss --index-file flat.index --corpus data/corpus --out data/index --modes dense`;

/** `ssp index import-faiss`: an index with vectors that exist. */
function indexImportCommand(): Command {
  const command = new Command('import-faiss')
    .description('index a corpus with the vectors of a flat FAISS index instead of encoding it')
    .requiredOption('--index-file <part...>', 'the FAISS file, or its parts in their order')
    .requiredOption('--corpus <folder>', 'finished corpus folder that the vectors were made of')
    .requiredOption('--out <folder>', 'index folder to write')
    .option('--force', 'replace what --out holds: what other settings change, or else everything')
    .addHelpText('after', importHelp);
  return addConfigOptions(command, 'index', 'encoder').action(
    runAction(async (context, options) => {
      const { buildIndexWith } = await import('../app/build-index.ts');
      const config = await resolveConfig(options, 'index', 'encoder');
      const [corpus, out] = [String(options['corpus']), String(options['out'])];
      const faissFiles = options['indexFile'] as string[];
      const request = { corpus, out, force: options['force'] === true, faissFiles };
      const modes = [...new Set([...config.index.modes, 'dense' as const])];
      const withDense = { ...config, index: { ...config.index, modes } };
      const { manifest, manifestHash } = await buildIndexWith(request, withDense, context);
      context.print({ manifestHash, manifest }, builtText(out, manifest, manifestHash));
    }),
  );
}

function builtText(out: string, manifest: IndexManifest, hash: string): string {
  return [
    `${out}: ${summary(manifest, hash)}`,
    'Next:',
    `  npx ssp search --index ${out} "a question"   one search`,
    `  npx ssp serve --index ${out}                 for agents and trainers`,
  ].join('\n');
}

function summary({ passages, bm25, dense }: IndexManifest, hash: string): string {
  const parts = [
    bm25 === undefined ? undefined : `BM25 (${bm25.analyzer.name})`,
    dense === undefined ? undefined : `dense (${dense.encoder.name}, ${dense.vectorIndex.type})`,
  ].filter((part) => part !== undefined);
  return `${passages} passages, ${parts.join(' and ')}, manifest ${hash.slice(0, 12)}`;
}

const verifyHelp = `
First every file is hashed and held against what the build has recorded; where all are right, rows,
content, a sample of searches and the encoder. The recall against exact search is written into the
index's manifest; its hash stays the same. The encoder is the one that the manifest records unless
--encoder-model or --encoder-url names another.

Examples:
  $ npx ssp index verify --index data/index
  $ npx ssp index verify --index data/index --corpus data/corpus
  $ npx ssp index verify --index data/index --queries questions.txt`;

/** `ssp index verify`: is the index whole, and how much does it find. */
function indexVerifyCommand(): Command {
  const command = new Command('verify')
    .description('check an index and measure its recall against exact search')
    .requiredOption('--index <folder>', 'finished index folder')
    .option('--corpus <folder>', 'also compare every passage with this corpus')
    .option('--queries <file>', 'held-out questions, one a line, instead of 200 sentences')
    .addHelpText('after', verifyHelp);
  return addConfigOptions(command, 'encoder').action(
    runAction(async (context, options) => {
      const { verifyIndex } = await import('../../indexer/verify-index.ts');
      const { openEncoder } = await import('../retrieval/encoder.ts');
      const { encoder } = await resolveConfig(options, 'encoder');
      const named = options['encoderModel'] !== undefined || options['encoderUrl'] !== undefined;
      const corpus = options['corpus'];
      const folder = indexFolder(options['index']);
      const verification = await verifyIndex({
        folder,
        corpusFolder: typeof corpus === 'string' ? corpus : undefined,
        openEncoder: (source) => openEncoder(named ? encoder : { ...encoder, ...source }, context),
        queries: await readQueries(options['queries']),
        progress: context.progress,
        signal: context.signal,
      });
      context.print(verification, report(verification));
      if (!verification.ok) throw damaged(folder, verification);
    }),
  );
}

/** A folder, not an index in a cluster. */
function indexFolder(named: unknown): string {
  const place = String(named);
  if (!isClusterAddress(place)) return place;
  const problem =
    '--index is a folder here: this command reads the files of an index, and a cluster has none';
  throw new SspError('SSP_USAGE', { problem });
}

async function readQueries(path: unknown): Promise<string[] | undefined> {
  if (typeof path !== 'string') return undefined;
  const text = await readFile(path, 'utf8').catch(() => {
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'file of queries', path });
  });
  const queries = text.split('\n').filter((line) => line.trim() !== '');
  if (queries.length > 0) return queries;
  throw new SspError('SSP_FILE_INVALID', { what: 'file of queries', path, problem: 'it is empty' });
}

function report({ checks, searches, manifestHash }: Verification): string {
  const lines = checks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'BAD '} ${name}: ${detail}`);
  const measured = searches === undefined ? [] : searchTable(searches);
  return [...lines, ...measured, `manifest ${manifestHash}`].join('\n');
}

/** What each way of searching the vectors finds and takes. */
function searchTable(searches: readonly MeasuredSearch[]): string[] {
  const row = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(11))).join('');
  return [
    `vectors, ${searches[0]?.recall.queries ?? 0} held-out queries:`,
    row(['search', 'recall@3', 'recall@10', 'ms a query']),
    ...searches.map(({ type, recall, milliseconds }) =>
      row([type, recall.at3.toFixed(3), recall.at10.toFixed(3), milliseconds.toFixed(1)]),
    ),
  ];
}

function damaged(path: string, { checks }: Verification): SspError {
  const problem = checks
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => `${name}: ${detail}`)
    .join('; ');
  return new SspError('SSP_INDEX_DAMAGED', { path, problem });
}

const pushHelp = `
Passages, terms and vectors go into an index of their own in the cluster; when all are there, the name is
switched to it, in one step: a service that runs never sees a part. A push can be stopped at any moment: the
same command goes on with what the cluster does not have. Secrets come from SSP_ELASTICSEARCH_API_KEY, or from
SSP_ELASTICSEARCH_USER and SSP_ELASTICSEARCH_PASSWORD, never from --to.

Examples:
  $ npx ssp index push --index data/index --to http://127.0.0.1:9200 --name wiki
  $ npx ssp index push --index data/index --to https://es1:9200,es2:9200 --name wiki \\
      --elasticsearch-ca-file http_ca.crt --shards 4 --remove-former
  $ npx ssp serve --index elasticsearch+http://127.0.0.1:9200/wiki`;

/** `ssp index push`: an index into Elasticsearch. */
function indexPushCommand(): Command {
  const command = new Command('push')
    .description('put a finished index into an Elasticsearch cluster; goes on where it stopped')
    .requiredOption('--index <folder>', 'finished index folder')
    .requiredOption('--to <address>', 'https://host:9200 of the cluster, or several nodes')
    .requiredOption('--name <name>', 'name under which it is searched: an alias')
    .option('--remove-former', 'remove what was searched under the name before')
    .addHelpText('after', pushHelp);
  return addConfigOptions(command, 'push', 'elasticsearch').action(
    runAction(async (context, options) => {
      const { pushTo } = await import('../app/push-index.ts');
      const config = await resolveConfig(options, 'push', 'elasticsearch');
      const request = {
        folder: indexFolder(options['index']),
        to: String(options['to']),
        name: String(options['name']),
        removeFormer: options['removeFormer'] === true,
      };
      const pushed = await pushTo(request, config, context);
      context.print(pushed, pushReport(pushed));
    }),
  );
}

function pushReport(pushed: PushedTo): string {
  const { address, index, passages, aliases, pushed: sent, bytes, former } = pushed;
  const left = former.map(({ index: one, removed }) =>
    removed
      ? `${one}, which was searched before, is removed.`
      : `${one}, which was searched before, stays in the cluster: --remove-former removes it.`,
  );
  return [
    `${passages} passages and ${aliases} redirects in ${index}, ${sent} documents pushed now, ${(bytes / 1e6).toFixed(1)} MB in the cluster`,
    ...left,
    `Next: npx ssp serve --index ${address}`,
  ].join('\n');
}
