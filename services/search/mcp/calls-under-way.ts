/** A call that was begun. */
interface Call {
  /** Aborted when the call is cancelled, or when it ends. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/**
 * The calls of all sessions that have no reply yet. A client cancels a call by another request, which
 * names its id; ids are each client's own, so only the session says whose call is meant.
 */
export class CallsUnderWay {
  readonly #calls = new Map<string, AbortController>();

  /** Notes the call of `message`, and ends the one that it cancels. Without a session it is only begun. */
  begin(session: string, message: unknown): Call {
    const { id, method, params } = (message ?? {}) as {
      readonly id?: unknown;
      readonly method?: unknown;
      readonly params?: { readonly requestId?: unknown };
    };
    if (method === 'notifications/cancelled') {
      this.#calls.get(keyOf(session, params?.requestId))?.abort();
    }
    const controller = new AbortController();
    const key = keyOf(session, id);
    const isNamed = session !== '' && id !== undefined;
    if (isNamed) this.#calls.set(key, controller);
    return {
      signal: controller.signal,
      end: () => {
        if (this.#calls.get(key) === controller) this.#calls.delete(key);
        controller.abort();
      },
    };
  }
}

function keyOf(session: string, id: unknown): string {
  return JSON.stringify([session, id]);
}
