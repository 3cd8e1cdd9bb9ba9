import type { ChatFormat } from '../chat/chat-format.ts';
import { SspError } from '../errors/error.ts';
import type { RoleLimits } from '../game/episode.ts';
import type { GameFormat } from '../game/format.ts';
import { renderPrompt } from '../game/prompt.ts';
import type { Role } from '../types/episode.ts';
import { promptIds } from './sampler.ts';

/** The least that can stand in the holes of any prompt. */
const leastValues = { answer: 'a', hops: 1, question: 'a?', material: 'a', examples: '' };

/**
 * Throws SSP_PROMPT_TOO_LONG where the prompt of a role is over its limit whatever is asked, so that no
 * episode could ever begin, and SSP_CHAT_TEMPLATE_FAILED where the model's template takes no such
 * messages, such as one of the system.
 */
export function checkPrompts(
  chat: ChatFormat,
  { format, limits }: { readonly format: GameFormat; readonly limits: RoleLimits },
  roles: readonly Role[],
): void {
  for (const role of roles) {
    const needed = promptIds(chat, renderPrompt(format, role, leastValues)).length;
    const limit = limits[role].promptTokens;
    if (needed <= limit) continue;
    const key = role === 'verifier' ? 'game.verifierMaxPromptTokens' : 'game.maxPromptTokens';
    throw new SspError('SSP_PROMPT_TOO_LONG', { role, needed, key, limit });
  }
}
