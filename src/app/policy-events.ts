import { z } from 'zod';

import { encoderServerErrors } from '../errors/encoder-server.ts';
import type { ErrorCode, ErrorDetails } from '../errors/error.ts';
import { messageOf, SspError } from '../errors/error.ts';
import { policyErrors } from '../errors/policy.ts';
import type { JobContext } from '../progress/progress.ts';

const lineSchema = z.looseObject({ event: z.string(), level: z.string() });
const listeningSchema = z.looseObject({ url: z.string(), pid: z.int() });
const loadingSchema = z.looseObject({ progress: z.number(), what: z.string() });
const preflightSchema = z.looseObject({ table: z.string() });
const exportedSchema = z.looseObject({
  out: z.string(),
  bytes: z.int(),
  files: z.int(),
  merged_layers: z.int(),
  free_bytes: z.int(),
});
const failedSchema = z.looseObject({
  error: z.looseObject({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
});

/** Where the events go. */
interface EventReader extends Pick<JobContext, 'progress'> {
  /** What the command gives: the address once it listens, the table of a preflight. */
  readonly print: (value: unknown, human: string) => void;
}

/** Shows the JSON log lines of the policy service, or of the embeddings server, to people, and keeps the error it ended with. */
export class PolicyEvents {
  readonly #reader: EventReader;
  /** The coded error of the last line, if the service has failed. */
  error: SspError | undefined;

  constructor(reader: EventReader) {
    this.#reader = reader;
  }

  /** Takes one line of the service's standard output; one that is not JSON is left out. */
  take(line: string): void {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (parsed.success) this.#show(parsed.data);
  }

  #show(line: z.output<typeof lineSchema>): void {
    const { print, progress } = this.#reader;
    switch (line.event) {
      case 'listening': {
        const { url, pid } = listeningSchema.parse(line);
        print({ url, pid }, `listening on ${url}`);
        return;
      }
      case 'loading': {
        const { progress: done, what } = loadingSchema.parse(line);
        progress.note(`loading: ${what} (${Math.floor(done * 100)}%)`);
        return;
      }
      case 'ready': {
        progress.note(`ready: ${String(line['url'])} answers requests`);
        return;
      }
      case 'preflight': {
        print(fieldsOf(line), preflightSchema.parse(line).table);
        return;
      }
      case 'exported': {
        print(fieldsOf(line), exportedText(exportedSchema.parse(line)));
        return;
      }
      case 'failed': {
        this.error = codedError(failedSchema.parse(line).error);
        return;
      }
      default: {
        progress.note(readable(line));
      }
    }
  }
}

/** What lies where, and what it is for. */
function exportedText(written: z.output<typeof exportedSchema>): string {
  const gigabytes = (size: number): string => `${(size / 1e9).toFixed(size < 1e9 ? 3 : 1)} GB`;
  const { out, bytes, files, merged_layers: layers, free_bytes: free } = written;
  const merged = layers === 0 ? '' : `, an adapter of ${layers} layers merged in`;
  const room = free === 0 ? '' : ` (${gigabytes(free)} were free)`;
  return [
    `${out}: ${files} files, ${gigabytes(bytes)}${room}${merged}`,
    'Next:',
    `  vllm serve ${out}`,
    `  npx ssp policy --model ${out}`,
  ].join('\n');
}

/** The service's own error as one of this process: they share the catalogue. */
function codedError({ code, message, details }: z.output<typeof failedSchema>['error']): SspError {
  const isKnown = code in policyErrors || code in encoderServerErrors;
  if (!isKnown) return new SspError('SSP_INTERNAL', { problem: message });
  return new SspError(code as ErrorCode, details as ErrorDetails<ErrorCode>);
}

/** `warning: cut off (requests 3)`, the traceback of a failure below it. */
function readable(line: z.output<typeof lineSchema>): string {
  const { event, level } = line;
  const { traceback, ...fields } = fieldsOf(line);
  const pairs = Object.entries(fields).map(([name, value]) => `${name} ${text(value)}`);
  const shown = `${level === 'info' ? '' : `${level}: `}${event}`;
  const trace = traceback === undefined ? '' : `\n${text(traceback)}`;
  return `${shown}${pairs.length > 0 ? ` (${pairs.join(', ')})` : ''}${trace}`;
}

/** What an event says beside its name. */
function fieldsOf(line: object): Record<string, unknown> {
  const general = new Set(['time', 'level', 'event', 'logger']);
  return Object.fromEntries(Object.entries(line).filter(([name]) => !general.has(name)));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    return messageOf(error);
  }
}
