import { Command } from 'commander';

import type { QuestionPlace } from '../app/played-questions.ts';
import { SspError } from '../errors/error.ts';
import type { Terminal } from '../play/terminal.ts';
import { processTerminal } from '../play/terminal.ts';
import type { SearchService } from '../types/search-service.ts';
import type { CommandContext, CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import { resolveConfig, serviceAddress, wholeNumber } from './section-options.ts';

const help = `
By hand: s <query> searches, a <answer> (solver) or q <question> (proposer) ends the episode.

Examples:
  $ npx ssp play --run runs/first                              walk through the last step's first question
  $ npx ssp play --run runs/first --step 20 --question 3
  $ npx ssp play --role solver --run runs/first --question 3   try the same question yourself
  $ npx ssp play --role solver --questions world/questions.jsonl --question 7
  $ npx ssp play --role proposer --seeds seeds.jsonl --url http://127.0.0.1:8000`;

/** `ssp play`: an episode in the terminal, a recorded one or by hand. */
export function playCommand(): Command {
  return new Command('play')
    .option('--run <dir>', 'run directory whose episodes are shown or played again')
    .option('--step <number>', 'step of the run (default: the last one)', wholeNumber)
    .option('--question <number>', 'which question or seed, from 0', wholeNumber, 0)
    .option('--no-pause', 'show a recorded episode whole, without waiting for Enter')
    .option('--role <role>', 'play by hand: solver or proposer')
    .option('--questions <file>', 'question set that the solver plays from')
    .option('--seeds <file>', 'seeds that the proposer plays from')
    .option(
      '--url <address>',
      'search service; its token in SSP_TOKEN',
      serviceAddress,
      'http://127.0.0.1:8000',
    )
    .option('--preset <name>', 'a configuration that ships, for its rules of the game')
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
  const { recordedQuestion } = await import('../app/played-questions.ts');
  const { piecesOf } = await import('../play/spectator.ts');
  const { watch } = await import('../play/terminal.ts');
  const record = await recordedQuestion(placeOf(options));
  if (options['json'] === true) {
    context.print(record, '');
    return;
  }
  await atTerminal(context, (terminal) =>
    watch(piecesOf(record), terminal, { pauses: options['pause'] === true }),
  );
}

async function playRole(
  role: 'solver' | 'proposer',
  context: CommandContext,
  options: CommandOptions,
): Promise<void> {
  const { proposerTask, solverTask } = await import('../app/played-questions.ts');
  const { gameOptions } = await import('../rollout/game-options.ts');
  const { searcherOf } = await import('../rollout/searcher.ts');
  const { playByHand, proposerResult, solverResult } = await import('../play/play-by-hand.ts');
  const { game } = await resolveConfig(options, 'game');
  const { format, limits, filter, proposerReward } = gameOptions(game);
  const place = placeOf(options);
  const task =
    role === 'solver'
      ? await solverTask(textOf(options['questions']), place)
      : await proposerTask(textOf(options['seeds']), place);
  const searcher = searcherOf(await searchClient(options), game.topPassages);
  await atTerminal(context, async (terminal) => {
    terminal.show(`You are the ${role}`, task.text);
    const rules = { role, format, limits: limits[role] };
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
async function searchClient(options: CommandOptions): Promise<SearchService> {
  const { SearchClient } = await import('../clients/search-client.ts');
  const retries = { attempts: 2, firstWaitMs: 250, longestWaitMs: 1000, timeoutMs: 30_000 };
  const token = process.env['SSP_TOKEN'];
  return new SearchClient({ url: String(options['url']), token, retries });
}

function placeOf({ run, step, question }: CommandOptions): QuestionPlace {
  return {
    run: textOf(run),
    step: typeof step === 'number' ? step : undefined,
    index: Number(question),
  };
}

function textOf(option: unknown): string | undefined {
  return typeof option === 'string' ? option : undefined;
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
