import { Command, InvalidArgumentError } from 'commander';

import type { GameConfig } from '../config/game.ts';
import { SspError } from '../errors/error.ts';
import type { Terminal } from '../play/terminal.ts';
import { processTerminal } from '../play/terminal.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { CommandContext } from './context.ts';
import type { CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import { resolveConfig } from './section-options.ts';

const help = `
By hand: s <query> searches, a <answer> (solver) or q <question> (proposer) ends the episode.

Examples:
  $ ssp play --run runs/first                              walk through the last step's first question
  $ ssp play --run runs/first --step 20 --question 3
  $ ssp play --role solver --run runs/first --question 3   try the same question yourself
  $ ssp play --role solver --questions world/questions.jsonl --question 7
  $ ssp play --role proposer --seeds seeds.jsonl --url http://127.0.0.1:8000`;

/** `ssp play`: an episode in the terminal, a recorded one or by hand. */
export function playCommand(): Command {
  return new Command('play')
    .description('walk through a recorded episode, or play the solver or the proposer by hand')
    .option('--run <dir>', 'run directory whose episodes are shown or played again')
    .option('--step <number>', 'step of the run (default: the last one)', wholeNumber)
    .option('--question <number>', 'which question or seed, from 0', wholeNumber, 0)
    .option('--no-pause', 'show a recorded episode whole, without waiting for Enter')
    .option('--role <role>', 'play by hand: solver or proposer')
    .option('--questions <file>', 'question set that the solver plays from')
    .option('--seeds <file>', 'seeds that the proposer plays from')
    .option('--url <address>', 'search service; its token in SSP_TOKEN', 'http://127.0.0.1:8000')
    .option('--config <file>', 'YAML or JSON file with the rules of the game')
    .addHelpText('after', help)
    .action(
      runAction(async (context, options) => {
        const { role } = options;
        if (role === undefined) await showRecorded(context, options);
        else if (role === 'solver' || role === 'proposer') await playRole(role, context, options);
        else throw new SspError('SSP_USAGE', { problem: '--role is solver or proposer.' });
      }),
    );
}

async function showRecorded(context: CommandContext, options: CommandOptions): Promise<void> {
  const { piecesOf } = await import('../play/spectator.ts');
  const { watch } = await import('../play/watch.ts');
  const record = await recordOf(options);
  if (options['json'] === true) {
    context.print(record, '');
    return;
  }
  await atTerminal(context, (terminal) =>
    watch(piecesOf(record), terminal, { pauses: options['pause'] === true }),
  );
}

/** What a person plays for. */
interface Task {
  readonly answers: readonly string[];
  readonly text: string;
}

async function playRole(
  role: 'solver' | 'proposer',
  context: CommandContext,
  options: CommandOptions,
): Promise<void> {
  const { gameOptions } = await import('../rollout/game-options.ts');
  const { HttpSearcher } = await import('../rollout/http-searcher.ts');
  const { playByHand } = await import('../play/play-by-hand.ts');
  const { proposerResult, solverResult } = await import('../play/result.ts');
  const { game } = await resolveConfig(options, 'game');
  const { format, limits, filter, proposerReward } = gameOptions(game);
  const task = role === 'solver' ? await solverTask(options) : await proposerTask(options);
  const searcher = new HttpSearcher(searcherOptions(options, game));
  await atTerminal(context, async (terminal) => {
    terminal.show(`You are the ${role}`, task.text);
    const rules = { role, format, limits };
    const episode = await playByHand(rules, searcher, terminal, context.signal);
    if (episode === undefined) return;
    const { heading, text } =
      role === 'solver'
        ? solverResult(episode, task.answers)
        : proposerResult(episode, task.answers, filter, proposerReward);
    terminal.show(heading, text);
  });
}

/** A person does not wait long for a service that is away. */
function searcherOptions(options: CommandOptions, game: GameConfig) {
  return {
    url: String(options['url']),
    token: process.env['SSP_TOKEN'],
    topPassages: game.topPassages,
    retries: { attempts: 2, firstWaitMs: 250, longestWaitMs: 1000, timeoutMs: 30_000 },
  };
}

async function solverTask(options: CommandOptions): Promise<Task> {
  if (typeof options['questions'] === 'string') {
    const { readQuestionSet } = await import('../evaluation/question-set.ts');
    const { questions } = await readQuestionSet(options['questions']);
    const { question, goldAnswers } = chosen(questions, 'questions', options);
    return { text: question, answers: goldAnswers };
  }
  const { question, answers, step, index } = await recordOf(options);
  if (question !== undefined) return { text: question, answers };
  const problem = `Question ${index} of step ${step} was never asked: its proposer gave none.`;
  throw new SspError('SSP_USAGE', { problem });
}

async function proposerTask(options: CommandOptions): Promise<Task> {
  const seed = await seedOf(options);
  const { answers, hops } = seed;
  const text = `Ask a question that this answers and that needs ${hops} searches: ${answers.join(' = ')}`;
  return { text, answers };
}

async function seedOf(options: CommandOptions) {
  if (typeof options['seeds'] === 'string') {
    const { readSeeds } = await import('../seeds/read-seeds.ts');
    const { seeds: range } = await resolveConfig(options, 'game');
    const { seeds } = await readSeeds(options['seeds'], range);
    return chosen(seeds, 'seeds', options);
  }
  const { seed, step, index } = await recordOf(options);
  if (seed !== undefined) return seed;
  const problem = `Question ${index} of step ${step} is a reused one: it has no seed.`;
  throw new SspError('SSP_USAGE', { problem });
}

async function recordOf(options: CommandOptions): Promise<QuestionRecord> {
  const { run, step } = options;
  if (typeof run !== 'string') {
    throw new SspError('SSP_USAGE', { problem: 'Give --run, or --role with a file to play from.' });
  }
  const { runFolder } = await import('../run/run-folder.ts');
  const { episodeSteps, readEpisodes, readRunManifest } = await import('../run/read-run.ts');
  const folder = runFolder(run);
  await readRunManifest(folder);
  const steps = await episodeSteps(folder);
  const last = steps.at(-1);
  if (last === undefined) throw new SspError('SSP_INPUT_EMPTY', { path: run, what: 'episodes' });
  const wanted = typeof step === 'number' ? step : last;
  if (!steps.includes(wanted)) {
    const problem = `Step ${wanted} has no episodes; they are there from ${steps[0] ?? 0} to ${last}.`;
    throw new SspError('SSP_USAGE', { problem });
  }
  const records = await readEpisodes(folder, wanted);
  return chosen(records, 'questions in this step', options);
}

function chosen<Item>(items: readonly Item[], what: string, options: CommandOptions): Item {
  const item = items[Number(options['question'])];
  if (item !== undefined) return item;
  throw new SspError('SSP_USAGE', {
    problem: `There are ${items.length} ${what}; --question counts from 0.`,
  });
}

async function atTerminal(
  { signal }: CommandContext,
  body: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const terminal = processTerminal(signal);
  try {
    await body(terminal);
  } finally {
    terminal.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
