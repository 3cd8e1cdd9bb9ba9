import { pause } from '../concurrency/pause.ts';

/** How often and how long a request is tried. */
export interface RetryPolicy {
  readonly attempts: number;
  /** Wait after the first failure; it doubles with each further one. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Time for the headers of one attempt's reply, and for its body where `wholeBody` is read. */
  readonly timeoutMs: number;
}

/** A request that failed for good: no reply (`status` undefined), or a reply that says why. */
export class RequestError extends Error {
  readonly status: number | undefined;
  /** The reply's body, empty where there was none. */
  readonly body: string;

  constructor(problem: string, status?: number, options?: ErrorOptions & { body?: string }) {
    super(problem, options);
    this.status = status;
    this.body = options?.body ?? '';
  }
}

/**
 * One request whose reply `read` takes; tried again after 429, 5xx, a lost connection or a timeout,
 * waiting as long as `Retry-After` asks (seconds or a date), else with doubling, jittered waits.
 * Throws {@link RequestError} when the attempts are used up or the reply is another 4xx, and the
 * signal's reason once it is aborted.
 */
export async function requestWithRetry<Result>(
  url: string,
  init: RequestInit,
  policy: RetryPolicy,
  read: (response: Response) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const outcome = await tryOnce(url, init, policy.timeoutMs, read, signal);
    if ('result' in outcome) return outcome.result;
    signal?.throwIfAborted();
    if (!outcome.isPassing || attempt >= policy.attempts) throw outcome.error;
    const waitMs = outcome.waitMs ?? jittered(policy.firstWaitMs * 2 ** (attempt - 1));
    await pause(Math.min(waitMs, policy.longestWaitMs), signal);
  }
}

type Outcome<Result> =
  | { readonly result: Result }
  | { readonly error: RequestError; readonly isPassing: boolean; readonly waitMs?: number };

async function tryOnce<Result>(
  url: string,
  init: RequestInit,
  timeoutMs: number,
  read: (response: Response) => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Outcome<Result>> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const ends = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const response = await fetch(url, { ...init, signal: ends });
    if (response.ok) return { result: await read(response) };
    const body = await response.text();
    const problem = `HTTP ${response.status}: ${body.slice(0, 300)}`;
    const error = new RequestError(problem, response.status, { body });
    const isPassing = response.status === 429 || response.status >= 500;
    const waitMs = retryAfterMs(response.headers.get('retry-after'));
    return { error, isPassing, ...(waitMs === undefined ? {} : { waitMs }) };
  } catch (error) {
    if (error instanceof RequestError) return { error, isPassing: false };
    const problem = timeout.aborted ? `no reply within ${timeoutMs} ms` : causeOf(error);
    return { error: new RequestError(problem, undefined, { cause: error }), isPassing: true };
  }
}

/** `fetch failed` says little; its cause (ECONNREFUSED, ENOTFOUND) says what happened. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? message) : cause.message;
}

function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  const waitMs = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
  return Number.isNaN(waitMs) ? undefined : Math.max(waitMs, 0);
}

function jittered(waitMs: number): number {
  return waitMs * (0.5 + Math.random() / 2);
}
