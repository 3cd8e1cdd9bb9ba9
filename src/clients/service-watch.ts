import { SspError } from '../errors/error.ts';
import { compactDuration } from '../progress/progress.ts';

/** What is watched, how long its silence is borne, and where it is told. */
export interface WatchOptions {
  /** As messages name it: `the policy service`. */
  readonly service: string;
  readonly url: string;
  /** Silence after which it is given up. */
  readonly patienceMs: number;
  readonly note: (text: string) => void;
  /** Asks for a sign of life beside the calls under way; without it only a call's success is one. */
  readonly ping?: (signal: AbortSignal) => Promise<unknown>;
  /** How often it is looked at (5,000). */
  readonly lookEveryMs?: number;
  /** Silence before the first word about it (15,000); each further one comes after twice the time. */
  readonly firstNoteMs?: number;
}

const defaults = { lookEveryMs: 5000, firstNoteMs: 15_000 };
/** How long calls take before they are spoken of though the service lives. */
const longCallMs = 60_000;
const pingTimeoutMs = 10_000;

interface PendingCall {
  readonly what: string;
  readonly sinceMs: number;
}

/**
 * Watches the calls of one service: says what is waited for, and gives the service up, with
 * SSP_SERVICE_SILENT in every call under way, once it has shown no sign of life for the patience.
 * After that calls fail at once until it answers a ping; without one they are tried anew.
 */
export class ServiceWatch {
  readonly #options: Required<Omit<WatchOptions, 'ping'>> & Pick<WatchOptions, 'ping'>;
  readonly #pending = new Set<PendingCall>();
  #ends = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #signMs = 0;
  #replyMs = 0;
  #nextNoteMs = 0;
  #nextLongNoteMs = longCallMs;
  #isPinging = false;

  constructor(options: WatchOptions) {
    this.#options = { ...defaults, ...options };
  }

  /** Runs a call under the watch. Throws what it throws, SSP_SERVICE_SILENT, the signal's reason. */
  async during<Result>(
    what: string,
    signal: AbortSignal | undefined,
    call: (ends: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const pending = this.#begin(what);
    const { signal: given } = this.#ends;
    try {
      const ends = signal === undefined ? given : AbortSignal.any([signal, given]);
      const result = await call(ends);
      this.#heard(true);
      return result;
    } finally {
      this.#end(pending);
    }
  }

  #begin(what: string): PendingCall {
    const pending = { what, sinceMs: performance.now() };
    if (this.#pending.size === 0) {
      if (this.#ends.signal.aborted) void this.#ping();
      else this.#heard(true); // nobody has asked since
      this.#timer = setInterval(() => void this.#look(), this.#options.lookEveryMs);
    }
    this.#pending.add(pending);
    return pending;
  }

  #end(pending: PendingCall): void {
    this.#pending.delete(pending);
    if (this.#pending.size === 0) clearInterval(this.#timer);
  }

  #heard(isReply: boolean): void {
    this.#signMs = performance.now();
    this.#nextNoteMs = this.#options.firstNoteMs;
    if (isReply) [this.#replyMs, this.#nextLongNoteMs] = [this.#signMs, longCallMs];
    if (this.#ends.signal.aborted) this.#ends = new AbortController();
  }

  async #look(): Promise<void> {
    await this.#ping();
    if (this.#pending.size === 0) return;
    const now = performance.now();
    const silentMs = now - this.#signMs;
    const { patienceMs, service, url } = this.#options;
    if (silentMs >= patienceMs) {
      const details = {
        service,
        url,
        seconds: Math.round(silentMs / 1000),
        what: this.#waitedFor(),
      };
      this.#ends.abort(new SspError('SSP_SERVICE_SILENT', details));
      if (this.#options.ping === undefined) this.#heard(true); // the next call is its only test
    } else if (silentMs >= this.#nextNoteMs) {
      this.#nextNoteMs *= 2;
      this.#note(
        `no sign of life for ${compactDuration(silentMs)}, given up after ${compactDuration(patienceMs)}`,
      );
    } else if (now - this.#replyMs >= this.#nextLongNoteMs) {
      this.#nextLongNoteMs *= 2;
      this.#note(`it lives, no reply for ${compactDuration(now - this.#replyMs)}`);
    }
  }

  async #ping(): Promise<void> {
    const { ping } = this.#options;
    if (ping === undefined || this.#isPinging) return;
    this.#isPinging = true;
    try {
      await ping(AbortSignal.timeout(pingTimeoutMs));
      this.#heard(false);
    } catch {
      // No sign of life: the silence goes on.
    } finally {
      this.#isPinging = false;
    }
  }

  #note(text: string): void {
    this.#options.note(`waiting for ${this.#options.service} (${this.#waitedFor()}): ${text}`);
  }

  /** `backward`, `completion x 12` */
  #waitedFor(): string {
    const calls = Map.groupBy(this.#pending, ({ what }) => what);
    return [...calls]
      .map(([what, some]) => (some.length === 1 ? what : `${what} x ${some.length}`))
      .join(', ');
  }
}

/** A ping that any HTTP reply of the service satisfies. */
export function pingOf(url: string): (signal: AbortSignal) => Promise<unknown> {
  return async (signal) => (await fetch(url, { signal })).body?.cancel();
}
