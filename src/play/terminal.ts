import { createInterface } from 'node:readline';
import { styleText } from 'node:util';

import { printable } from '../progress/printable.ts';
import type { Piece } from './spectator.ts';

/** A person at a terminal, or a pipe in the place of one. */
export interface Terminal {
  /** The next line of input after `prompt`; undefined once there is none any more. */
  ask(prompt: string): Promise<string | undefined>;
  /** Writes a block: a heading in bold, and a text below it. */
  show(heading: string, text?: string): void;
  close(): void;
}

/** The process's own input and output. An abort ends the input. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdin: input, stdout: output } = process;
  const lines = createInterface({ input, terminal: false, signal });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    async ask(prompt) {
      output.write(prompt);
      const next = await iterator.next();
      if (next.done !== true) return next.value;
      output.write('\n');
      signal.throwIfAborted();
      return undefined;
    },
    show(heading, text) {
      const title = styleText('bold', printable(heading), { stream: output });
      output.write(text === undefined ? `${title}\n` : `${title}\n${indented(text)}\n\n`);
    },
    close: () => {
      lines.close();
    },
  };
}

function indented(text: string): string {
  return printable(text)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/**
 * Shows the pieces one after the other. With pauses each comes after Enter; `q` ends it then, as the
 * end of input does.
 */
export async function watch(
  pieces: readonly Piece[],
  terminal: Terminal,
  { pauses }: { readonly pauses: boolean },
): Promise<void> {
  for (const [i, { heading, text }] of pieces.entries()) {
    if (pauses && i > 0) {
      const line = await terminal.ask('Enter for more, q to stop ');
      if (line === undefined || line.trim() === 'q') return;
    }
    terminal.show(heading, text);
  }
}
