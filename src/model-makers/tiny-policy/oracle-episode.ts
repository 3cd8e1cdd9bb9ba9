import type { ChatFormat } from '../../chat/chat-format.ts';
import type { Episode, EpisodeRules } from '../../game/episode.ts';
import { renderPrompt, renderVerifierPrompt } from '../../game/prompt.ts';
import { gameFormats } from '../../rollout/game-formats.ts';
import { playEpisode } from '../../rollout/play-episode.ts';
import type { Sampler } from '../../rollout/sampler.ts';
import type { EpisodeRecord, RetrievedPassage, Role } from '../../types/episode.ts';
import type { Sequence } from './sequence.ts';
import { SequenceBuilder } from './sequence.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Oracle, Piece } from './turn.ts';

const format = gameFormats.tiny;
const limits = {
  ...{ turns: 10, searches: 10, queryCharacters: 1000 },
  ...{ promptTokens: 2048, responseTokens: 2048 },
};

/** One episode for an oracle to play. */
export interface OracleTask {
  readonly kind: string;
  readonly role: Role;
  /** Of the prompt's holes; the verifier's material is in `material`. */
  readonly values: Readonly<Record<string, string | number>>;
  readonly material?: readonly RetrievedPassage[];
  readonly oracle: Oracle;
}

/**
 * Plays the episode by the real rules and gives it as a training example; undefined where it did not
 * end with an answer or a question, as the oracle found nothing.
 */
export async function oracleEpisode(
  { kind, role, values, material, oracle }: OracleTask,
  chat: ChatFormat,
  world: TrainingWorld,
): Promise<Sequence | undefined> {
  const messages =
    material === undefined
      ? renderPrompt(format, role, values)
      : renderVerifierPrompt(format, String(values['question']), material);
  const prompt = chat.renderChat(messages, { addGenerationPrompt: true }).ids;
  const builder = new SequenceBuilder(chat.tokenizer, world);
  builder.addRead(prompt, material ?? []);
  const rules: EpisodeRules = { role, format, limits };
  const record = await playEpisode(
    { rules, prompt, seed: 0 },
    { sampler: samplerOf(oracle, builder), searcher: world.searcher, tokenizer: chat.tokenizer },
    new AbortController().signal,
  );
  if (record.outcome.kind !== 'answered') return undefined;
  requireSame(record, builder);
  return builder.sequence(kind);
}

/** The oracle in a model's place. It is certain of what it says, so log-probs are 0. */
function samplerOf(oracle: Oracle, builder: SequenceBuilder): Sampler {
  return {
    sample({ episode }) {
      const result = episode.steps.at(-1);
      const passages = result?.kind === 'result' ? result.passages : [];
      if (result?.kind === 'result') builder.addRead(result.tokens, passages);
      const turn: readonly Piece[] = nextTurn(oracle, episode, passages);
      const tokens = builder.addSaid(turn);
      const text = turn.map((piece) => piece.text).join('');
      return Promise.resolve({
        ...{ tokens, text, logProbs: tokens.map(() => 0), finishReason: 'stop' },
      });
    },
  };
}

function nextTurn(
  oracle: Oracle,
  { steps }: Episode,
  passages: readonly RetrievedPassage[],
): readonly Piece[] {
  const { value } = steps.length === 0 ? oracle.next() : oracle.next(passages);
  return value ?? [];
}

/** The builder must have seen the very tokens of the episode. */
function requireSame({ prompt, steps }: EpisodeRecord, { tokens }: SequenceBuilder): void {
  const played = [prompt, ...steps.map((step) => step.tokens)].flat();
  if (played.length !== tokens.length || played.some((token, i) => token !== tokens[i])) {
    throw new Error('The sequence differs from the episode that was played.');
  }
}
