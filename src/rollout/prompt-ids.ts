import type { ChatFormat } from '../policy/chat-format.ts';
import type { ChatMessage } from '../types/chat-message.ts';

// Llama 3.1's template asks for today's date, and a run must be the same on another day. This is the
// date that the template itself falls back to.
const variables = { date_string: '26 Jul 2024' };

/** Token ids of an episode's first messages, up to where the model begins to write. */
export function promptIds(chatFormat: ChatFormat, chat: readonly ChatMessage[]): number[] {
  return chatFormat.renderChat(chat, { addGenerationPrompt: true, variables }).ids;
}
