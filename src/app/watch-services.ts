import { pingOf, ServiceWatch } from '../clients/service-watch.ts';
import type { JudgeConfig } from '../config/evaluation.ts';
import type { Progress } from '../progress/progress.ts';

/** How long a silent service is waited for, and where that is told. */
export interface Patience {
  readonly patienceSeconds: number;
  readonly progress: Progress;
}

/** A service that answers `/healthz`, or anything else there, while it works. */
export function watchService(service: string, url: string, patience: Patience): ServiceWatch {
  const ping = pingOf(`${url.replace(/\/+$/, '')}/healthz`);
  return new ServiceWatch({ ...optionsOf(patience), service, url, ping });
}

/**
 * The judge of the configuration: a server that answers 429 to everything lives too, so that only its
 * verdicts count. Undefined without one.
 */
export function watchJudge({ url }: JudgeConfig, patience: Patience): ServiceWatch | undefined {
  if (url === undefined) return undefined;
  return new ServiceWatch({ ...optionsOf(patience), service: 'the judge', url });
}

function optionsOf({ patienceSeconds, progress }: Patience) {
  return {
    patienceMs: patienceSeconds * 1000,
    note: (text: string) => {
      progress.note(text);
    },
  };
}
