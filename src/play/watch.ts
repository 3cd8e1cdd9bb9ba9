import type { Piece } from './spectator.ts';
import type { Terminal } from './terminal.ts';

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
