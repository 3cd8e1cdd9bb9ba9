import { parentPort } from 'node:worker_threads';

import { isSspError, messageOf } from '../src/errors/error.ts';
import type { BuildTask } from './build-tasks.ts';
import { runTask } from './build-tasks.ts';

/** From a thread of the build: how far a task came, then how it ended. */
export type BuildReply =
  | { readonly kind: 'progress'; readonly count: number }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** What an SspError says. */
      readonly coded?: {
        readonly code: string;
        readonly details: Readonly<Record<string, string | number>>;
      };
    };

const port = parentPort;
port?.on('message', (task: BuildTask) => {
  const reply = (message: BuildReply): void => {
    port.postMessage(message);
  };
  try {
    runTask(task, (count) => {
      reply({ kind: 'progress', count });
    });
    reply({ kind: 'done' });
  } catch (error) {
    const coded = isSspError(error) ? { code: error.code, details: error.details } : undefined;
    reply({ kind: 'failed', message: messageOf(error), ...(coded && { coded }) });
  }
});
