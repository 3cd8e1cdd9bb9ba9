import type { z } from 'zod';

import type { AgentCall } from '../../../src/types/agent-backend.ts';
import type { PlacedTexts } from './placed-texts.ts';

/** What a tool has found: a summary, and facts that tell where their texts are. */
interface ToolReply {
  readonly summary: string;
  readonly facts: Record<string, unknown>;
}

/** A tool as agents see it. None of them changes anything, or leaves the index. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  /** Structured content of a reply. */
  readonly output: z.ZodObject;
  /** Steps of the work with these arguments, each told by `call.onAnswered` where it is more than one. */
  steps?(input: z.output<Input>): number;
  run(input: z.output<Input>, call: AgentCall, texts: PlacedTexts): Promise<ToolReply>;
}

/** Keeps the type of the input while the tool is written. */
export function defineTool<Input extends z.ZodObject>(tool: Tool<Input>): Tool {
  return tool;
}

/** `1 hit`, `2 hits`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
