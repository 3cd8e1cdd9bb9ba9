/** An index folder that is looked at again and again. */
export interface IndexWatchOptions {
  /** Names what the folder holds now; undefined where that is no index. */
  readonly current: () => Promise<string | undefined>;
  /** Names what is served. */
  readonly served: () => string | undefined;
  readonly reload: () => Promise<void>;
  readonly everyMs: number;
}

/**
 * Reloads when the folder holds another index than is served: each other one once, also where that
 * fails. Gives what ends it.
 */
export function watchIndex({ current, served, reload, everyMs }: IndexWatchOptions): () => void {
  let tried: string | undefined;
  let isLooking = false;
  const look = async (): Promise<void> => {
    const found = await current();
    if (found === undefined || found === tried) return;
    const known = served();
    if (known === undefined) return; // still loading
    tried = found;
    if (found !== known) await reload();
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => (isLooking = false));
  }, everyMs).unref();
  return () => {
    clearInterval(timer);
  };
}
