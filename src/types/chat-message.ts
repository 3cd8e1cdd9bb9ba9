/** A call of a function that the model made. Names are those that chat templates read. */
interface ToolCall {
  readonly type: 'function';
  readonly id?: string;
  readonly function: {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  };
}

/** One message of a chat, in the form that chat templates and OpenAI's protocol share. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** What the model thought before its answer, for templates that know it. */
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly ToolCall[];
}
