import type { Option } from 'commander';
import { Command, Help } from 'commander';

import { printable } from '../progress/printable.ts';
import { toolVersion } from '../version.ts';
import { nameAllMissing } from './missing.ts';

interface CommandEntry {
  readonly description: string;
  /** Loads the command's file, which makes the command without its description. */
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of `--help`. One file a command; each loads what it needs when it runs. */
export const commandEntries: Readonly<Record<string, CommandEntry>> = {
  quickstart: {
    description: 'the whole mission on a fictional encyclopedia: index, search, self-play, report',
    load: async () => (await import('./quickstart.ts')).quickstartCommand(),
  },
  config: {
    description: 'print the complete configuration as YAML: defaults, then --config, then flags',
    load: async () => (await import('./config.ts')).configCommand(),
  },
  presets: {
    description: 'list the configurations that ship, with a line each',
    load: async () => (await import('./presets.ts')).presetsCommand(),
  },
  corpus: {
    description: 'make a corpus: passages with titles and a manifest',
    load: async () => (await import('./corpus.ts')).corpusCommand(),
  },
  encoder: {
    description: 'encoder models: text to vectors',
    load: async () => (await import('./encoder.ts')).encoderCommand(),
  },
  index: {
    description: 'make a corpus searchable: BM25 and vectors',
    load: async () => (await import('./index-command.ts')).indexCommand(),
  },
  doctor: {
    description: 'what this machine has, what an index needs, and whether it fits',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  serve: {
    description: 'serve an index over HTTP: Search-R1, veRL, SkyRL, FlashRAG and agent shapes',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  queries: {
    description: 'what a query log of `ssp serve` says: asked most, found nothing, repeated',
    load: async () => (await import('./queries.ts')).queriesCommand(),
  },
  search: {
    description: 'search an index folder or a running service',
    load: async () => (await import('./search.ts')).searchCommand(),
  },
  mcp: {
    description: 'search for a desktop agent: the Model Context Protocol on stdin and stdout',
    load: async () => (await import('./mcp.ts')).mcpCommand(),
  },
  policy: {
    description: 'sample from, score and train one language model over HTTP',
    load: async () => (await import('./policy.ts')).policyCommand(),
  },
  model: {
    description: 'write what was trained as a plain Hugging Face folder, for vLLM and others',
    load: async () => (await import('./model.ts')).modelCommand(),
  },
  seeds: {
    description: 'make the answers of self-play from a corpus, or check those of a file',
    load: async () => (await import('./seeds.ts')).seedsCommand(),
  },
  'warm-start': {
    description: 'show a model how the game is played: supervised training on episodes',
    load: async () => (await import('./warm-start.ts')).warmStartCommand(),
  },
  train: {
    description: 'train proposer and solver by search self-play',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  ablate: {
    description: 'train variants of a configuration over several seeds and compare them',
    load: async () => (await import('./ablate.ts')).ablateCommand(),
  },
  eval: {
    description: 'score a model as the solver on question sets: exact match, F1, optional judge',
    load: async () => (await import('./eval.ts')).evalCommand(),
  },
  rollout: {
    description: 'play questions or seeds with a model and keep the episodes, without training',
    load: async () => (await import('./rollout.ts')).rolloutCommand(),
  },
  probe: {
    description: 'what a model’s questions are like before training, by the searches behind them',
    load: async () => (await import('./probe.ts')).probeCommand(),
  },
  report: {
    description: 'write one HTML page of a run: curves and a browser of episodes',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  play: {
    description: 'walk through a recorded episode, or play the solver or the proposer by hand',
    load: async () => (await import('./play.ts')).playCommand(),
  },
};

/**
 * The command line for `argv`. The commands that are named there are complete; of the others there is
 * the name and the description, as loading their options takes longer than most help is worth.
 */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('ssp')
    .description('Search self-play: wiki index, search service and training, offline.')
    .version(toolVersion, '-V, --version', 'print the version')
    .showHelpAfterError('(run with --help for the options and examples)')
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => command.name(),
      optionDescription,
    })
    .option('--json', 'print the result as JSON')
    .option('--verbose', 'print stack traces of failures')
    .configureOutput({ writeErr: (text) => process.stderr.write(printable(text)) })
    .exitOverride();
  for (const [name, { description, load }] of Object.entries(commandEntries)) {
    const command = argv.includes(name) ? await load() : new Command(name);
    program.addCommand(command.description(description));
  }
  inheritSettings(program);
  return program;
}

/** The text of an option, which says where it must be given. */
function optionDescription(option: Option): string {
  const text = Help.prototype.optionDescription(option);
  return option.mandatory ? `${text} (required)` : text;
}

/** Settings that commander copies only to commands made by `command()`. */
function inheritSettings(parent: Command): void {
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent);
    nameAllMissing(child);
    inheritSettings(child);
  }
}
