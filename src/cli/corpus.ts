import { Command } from 'commander';

import type { WorldManifest } from '../../corpus/fictional/generate.ts';
import type { CorpusManifest } from '../types/corpus-manifest.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

/** `ssp corpus`: what makes a corpus of passages. */
export function corpusCommand(): Command {
  return new Command('corpus')
    .addCommand(corpusBuildCommand())
    .addCommand(corpusImportCommand())
    .addCommand(corpusGenerateCommand());
}

const buildHelp = `
Dumps are MediaWiki export XML (schema 0.3 to 0.11), plain, .gz or .bz2; the first bytes tell
which. Several files are read as one. An interrupted build is continued by the same command.

Examples:
  $ npx ssp corpus build enwiki-latest-pages-articles-multistream.xml.bz2 --out data/enwiki
  $ npx ssp corpus build simplewiki.xml.bz2 --out data/simple --no-disambiguation --no-lists
  $ curl -s https://example.org/wiki.xml.bz2 | npx ssp corpus build - --out data/wiki --workers 8`;

/** `ssp corpus build <dump...>`: MediaWiki dumps to passages. */
function corpusBuildCommand(): Command {
  const command = new Command('build')
    .description('make a corpus of MediaWiki dumps')
    .argument('<dump...>', 'XML dumps, or - for standard input')
    .requiredOption('--out <folder>', 'corpus folder to write')
    .option('--force', 'replace a finished corpus in --out')
    .option('--restart', 'begin anew instead of continuing an unfinished build in --out');
  return addConfigOptions(command, 'corpus')
    .addHelpText('after', buildHelp)
    .action(
      runAction(async (context, options, paths) => {
        const { buildCorpus } = await import('../../corpus/build-corpus.ts');
        const { corpus } = await resolveConfig(options, 'corpus');
        const out = String(options['out']);
        const manifest = await buildCorpus({
          paths,
          out,
          force: options['force'] === true,
          restart: options['restart'] === true,
          config: corpus,
          signal: context.signal,
          progress: context.progress,
        });
        context.print(manifest, buildSummary(out, manifest));
      }),
    );
}

function buildSummary(out: string, manifest: CorpusManifest): string {
  const { read, outcomes, passages, aliases } = manifest;
  const counts = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  return [
    `${out}: ${passages} passages and ${aliases} aliases from ${read} pages`,
    ...counts.map(([name, count]) => `  ${name.padEnd(16)} ${String(count).padStart(9)}`),
    nextOf(out),
  ].join('\n');
}

const importHelp = `
The first bytes tell what a file is: JSON lines, tables of tab- or comma-separated values with names in
the first line, Parquet; plain, .gz, .bz2 or in a tar archive. A folder may also hold text, Markdown and
HTML. Rows with an id and one text stay one passage each, in their order; articles are divided.
docs/corpus.md has the names of keys and columns. An interrupted import is continued by the same command.

Examples:
  $ npx ssp corpus import wiki-18.jsonl.gz --out data/wiki-18
  $ npx ssp corpus import psgs_w100.tsv.gz --out data/dpr
  $ npx ssp corpus import notes/ --out data/notes --words 80
  $ zcat passages.jsonl.gz | npx ssp corpus import - --out data/corpus --json`;

/** `ssp corpus import <path...>`: passages and articles that exist already. */
function corpusImportCommand(): Command {
  const command = new Command('import')
    .description('make a corpus of published passages, or of articles in files and folders')
    .argument('<path...>', 'files and folders, or - for standard input')
    .requiredOption('--out <folder>', 'corpus folder to write')
    .option('--force', 'replace a finished corpus in --out')
    .option('--restart', 'begin anew instead of continuing an unfinished import in --out');
  return addConfigOptions(command, 'import')
    .addHelpText('after', importHelp)
    .action(
      runAction(async (context, options, paths) => {
        const { importPassages } = await import('../../corpus/import-passages.ts');
        const { import: config } = await resolveConfig(options, 'import');
        const out = String(options['out']);
        const manifest = await importPassages({
          paths,
          out,
          force: options['force'] === true,
          restart: options['restart'] === true,
          config,
          signal: context.signal,
          progress: context.progress,
        });
        context.print(manifest, importSummary(out, manifest));
      }),
    );
}

function importSummary(out: string, { passages, shards, read, outcomes }: CorpusManifest): string {
  const counts = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`);
  const inShards = `${shards.length} shard${shards.length === 1 ? '' : 's'}`;
  const head = `${out}: ${passages} passages in ${inShards}, from ${read} rows (${counts.join(', ')})`;
  return `${head}\n${nextOf(out)}`;
}

function nextOf(out: string): string {
  return `Next: npx ssp index build --corpus ${out} --out <index>`;
}

/** `ssp corpus generate`: a fictional encyclopedia as a MediaWiki dump, with facts and questions. */
function corpusGenerateCommand(): Command {
  const command = new Command('generate')
    .description('write a fictional encyclopedia: a MediaWiki dump, its facts and questions')
    .requiredOption('--out <dir>', 'folder to write dump.xml, facts.jsonl, questions.jsonl into')
    .option('--force', 'replace an encyclopedia that is there');
  addConfigOptions(command, 'generate').addHelpText(
    'after',
    `
Examples:
  $ npx ssp corpus generate --out world
  $ npx ssp corpus generate --out large --seed 7 --entities 100000
  $ npx ssp corpus build world/dump.xml --out corpus`,
  );
  return command.action(
    runAction(async (context, options) => {
      const { generateEncyclopedia } = await import('../../corpus/fictional/generate.ts');
      const { generate } = await resolveConfig(options, 'generate');
      const out = String(options['out']);
      const manifest = await generateEncyclopedia({
        ...generate,
        out,
        force: options['force'] === true,
        signal: context.signal,
        progress: context.progress,
      });
      context.print(manifest, generateSummary(out, manifest));
    }),
  );
}

function generateSummary(out: string, manifest: WorldManifest): string {
  const { seed, entities, facts, questions, pages } = manifest;
  const pageCount = Object.values(pages).reduce((sum, count) => sum + count, 0);
  return [
    `${out}: ${entities} entities of seed ${seed}`,
    `  dump.xml         ${pageCount} pages, ${pages.article} of them articles`,
    `  facts.jsonl      ${facts} facts`,
    `  questions.jsonl  ${questions} questions of 1, 2 and 3 hops`,
    `Next: npx ssp corpus build ${out}/dump.xml --out <corpus>`,
  ].join('\n');
}
