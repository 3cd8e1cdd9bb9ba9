import type { ChatReply, ChatServer } from '../clients/chat-server.ts';
import type { SampledTurn } from '../game/episode.ts';
import type { GameFormat } from '../game/format.ts';
import { renderInformation } from '../game/prompt.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { EpisodeStep } from '../types/episode.ts';
import type { Sampler } from './sampler.ts';

/**
 * A model behind a chat server, which shows text and no token ids. `chat` is what the episode begins
 * with; each turn goes on as a message of the assistant, each result and remark as one of the user.
 * Throws what {@link ChatServer} throws.
 */
export function chatSampler(
  server: ChatServer,
  chat: readonly ChatMessage[],
  { maxTurnTokens, temperature }: { readonly maxTurnTokens: number; readonly temperature: number },
): Sampler {
  return {
    async sample({ episode, maxTokens, stop, seed }, signal) {
      const { steps, rules } = episode;
      const messages = [...chat, ...steps.map((step) => messageOf(step, rules.format))];
      const limit = Math.min(maxTokens, maxTurnTokens);
      const asked = { messages, maxTokens: limit, stop, seed, temperature };
      const reply = await server.complete(asked, signal);
      return turnOf(reply, stop);
    },
  };
}

function messageOf(step: EpisodeStep, format: GameFormat): ChatMessage {
  switch (step.kind) {
    case 'sampled':
      return { role: 'assistant', content: step.text };
    case 'result':
      return { role: 'user', content: renderInformation(step.passages, format).trim() };
    case 'remark':
      return { role: 'user', content: step.text.trim() };
  }
}

/**
 * The turn up to and including its first stop text. Servers cut that text off, so it is put back:
 * where the server names it or, where it does not tell, where its element stands open.
 */
export function turnOf(
  { text, finishReason, stopText }: ChatReply,
  stop: readonly string[],
): SampledTurn {
  const turn = { tokens: [], logProbs: [] };
  const ends = stop.flatMap((end) => {
    const at = text.indexOf(end);
    return at < 0 ? [] : [at + end.length];
  });
  if (ends.length > 0) {
    return { ...turn, text: text.slice(0, Math.min(...ends)), finishReason: 'stop' };
  }
  if (finishReason === 'length') return { ...turn, text, finishReason };
  const missing = stopText === undefined ? openElement(text, stop) : stopText;
  const isStop = missing !== null && stop.includes(missing);
  return { ...turn, text: isStop ? text + missing : text, finishReason };
}

/** The closing tag among `stop` whose opening one is the last in the text; null for none. */
function openElement(text: string, stop: readonly string[]): string | null {
  const opened = stop.map((end) => ({ end, at: text.lastIndexOf(end.replace('/', '')) }));
  const last = opened.toSorted((a, b) => b.at - a.at)[0];
  return last === undefined || last.at < 0 ? null : last.end;
}
