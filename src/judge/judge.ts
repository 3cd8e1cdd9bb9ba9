import type { JudgeConfig } from '../config/judge.ts';
import { isSspError, SspError } from '../errors/error.ts';
import type { JudgeResult } from '../game/grading.ts';
import { ChatServer } from '../http/chat-server.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { JudgedAnswer } from './verdict.ts';
import { readVerdict, verdictPrompt } from './verdict.ts';

/** A judge model. Neither call throws for a failure of the judge: a failure is no verdict. */
export interface Judge {
  /** Whether the answer is right; `failed` where the judge did not reply or was not understood. */
  judgeAnswer(asked: JudgedAnswer, signal: AbortSignal): Promise<JudgeResult>;
  /**
   * What the judge writes to a chat, as the reader of verification; `readAnswer` (src/game) finds
   * its answer. Undefined where it did not reply.
   */
  readAsJudge(chat: readonly ChatMessage[], signal: AbortSignal): Promise<string | undefined>;
}

/** Hears why a reply is missing or was not understood. */
export type OnJudgeFailure = (error: SspError) => void;

const shownChars = 200;

/**
 * The judge of the configuration; undefined where that names no address. Throws SSP_CONFIG_INVALID
 * where address or model is given without the other. Its calls throw the signal's reason once it is
 * aborted.
 */
export function openJudge(
  config: JudgeConfig,
  token: string | undefined,
  onFailure: OnJudgeFailure,
): Judge | undefined {
  const { url, model, maxTokens } = config;
  if (url === undefined && model === undefined) return undefined;
  if (url === undefined || model === undefined) {
    const problem = 'url and model go together';
    throw new SspError('SSP_CONFIG_INVALID', { source: 'of the section judge', problem });
  }
  const server = new ChatServer({ ...config, url, model, token });

  /** The judge's words; a failure is told and undefined. */
  async function ask(
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      return (await server.complete({ messages, maxTokens }, signal)).text;
    } catch (error) {
      signal.throwIfAborted();
      if (!isSspError(error)) throw error;
      onFailure(error);
      return undefined;
    }
  }

  return {
    readAsJudge: ask,
    async judgeAnswer(asked, signal) {
      const reply = await ask(verdictPrompt(asked), signal);
      if (reply === undefined) return 'failed';
      const verdict = readVerdict(reply);
      if (verdict === undefined) {
        onFailure(new SspError('SSP_JUDGE_UNCLEAR', { reply: shortened(reply) }));
      }
      return verdict ?? 'failed';
    },
  };
}

/** The end of a reply, where the verdict should stand. */
function shortened(reply: string): string {
  const text = reply.trim().replaceAll(/\s+/g, ' ');
  return text.length > shownChars ? `...${text.slice(-shownChars)}` : JSON.stringify(text);
}
