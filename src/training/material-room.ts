import type { ChatFormat } from '../chat/chat-format.ts';
import { SspError } from '../errors/error.ts';
import { renderVerifierPrompt } from '../game/prompt.ts';
import type { gameOptions } from '../rollout/game-options.ts';
import { promptIds } from '../rollout/sampler.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import type { Seed } from '../types/seed.ts';

/** With what the room for material is measured. */
interface MaterialRoom {
  readonly game: ReturnType<typeof gameOptions>;
  /** Passages that a search gives. */
  readonly topPassages: number;
  readonly chat: ChatFormat;
  readonly searcher: Searcher;
  readonly seeds: readonly Seed[];
}

/** Answers that are searched for, to see passages of the length that they have in this index. */
const probes = 24;
/** A question stands in the prompt too; this one is longer than most. */
const question = 'which of the two was the first '.repeat(8);

/**
 * Throws SSP_TRAINING_MATERIAL where the verifier could not read what it is given: the
 * passages of a question with as many searches as the seeds ask for, its noise, and the prompt around
 * them. Lengths are those of passages that the index gives for the first seeds, in the model's tokens.
 * Without verification there is nothing to measure, and a judge's prompt has no
 * limit here. Throws the search's error too, and the
 * signal's reason once it is aborted.
 */
export async function checkMaterialRoom(room: MaterialRoom, signal: AbortSignal): Promise<void> {
  const { game, chat, searcher, seeds } = room;
  if (game.verification === undefined || game.verification.reader === 'judge') return;
  const searches = searchesAskedFor(room);
  const found = await Promise.all(
    seeds.slice(0, probes).map(({ answers }) => searcher.search(answers[0] ?? '', signal)),
  );
  const passages = repeated(found.flat(), passagesToRead(room, searches));
  const needed = promptIds(chat, renderVerifierPrompt(game.format, question, passages)).length;
  const limit = game.limits.verifier.promptTokens;
  if (needed <= limit) return;
  const details = { needed, limit, searches, passages: passages.length };
  throw new SspError('SSP_TRAINING_MATERIAL', details);
}

/** The most searches of a question that the seeds ask for, as far as the limits let them be made. */
function searchesAskedFor({ game, seeds }: MaterialRoom): number {
  const { turns, searches } = game.limits.proposer;
  const asked = seeds.reduce((most, { hops }) => Math.max(most, hops), game.filter.minSearches);
  return Math.min(asked, searches, turns - 1);
}

function passagesToRead({ game, topPassages }: MaterialRoom, searches: number): number {
  const { noise = 0, noiseUnit } = game.verification ?? {};
  const own = searches * topPassages;
  return own + (noiseUnit === 'passage' ? noise : noise * own);
}

/** `count` passages, from the beginning again where there are fewer; none of none. */
function repeated(passages: readonly RetrievedPassage[], count: number): RetrievedPassage[] {
  return Array.from({ length: count }, (_, i) => passages[i % passages.length]).filter(
    (passage) => passage !== undefined,
  );
}
