import { SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import type { QueryBroker } from './query-broker.ts';

/** One stage of loading as `/readyz` shows it. */
export interface LoadStage {
  readonly name: string;
  readonly unit: string;
  done: number;
  readonly total?: number;
  ended: boolean;
}

/** From the open port to the last reply: `loading`, then `ready` (or `failed`), then `stopping`. */
export class Readiness {
  readonly stages: LoadStage[] = [];
  #state: 'loading' | 'ready' | 'failed' | 'stopping' = 'loading';
  #broker: QueryBroker | undefined;
  #failure: SspError | undefined;

  get state(): 'loading' | 'ready' | 'failed' | 'stopping' {
    return this.#state;
  }

  /** Why loading failed. */
  get failure(): SspError | undefined {
    return this.#failure;
  }

  /** The broker; throws SSP_NOT_READY while there is none and once the service stops. */
  broker(): QueryBroker {
    if (this.#state === 'ready' && this.#broker !== undefined) return this.#broker;
    throw new SspError('SSP_NOT_READY', { state: this.describe() });
  }

  /** The state in words: `loading (open index: 3 of 7 tables)`. */
  describe(): string {
    const stage = this.stages.findLast(({ ended }) => !ended);
    if (this.#state !== 'loading' || stage === undefined) return this.#state;
    const of = stage.total === undefined ? '' : ` of ${stage.total}`;
    return `loading (${stage.name}: ${stage.done}${of} ${stage.unit})`;
  }

  ready(broker: QueryBroker): void {
    if (this.#state !== 'loading') return;
    this.#broker = broker;
    this.#state = 'ready';
  }

  fail(failure: SspError): void {
    if (this.#state !== 'loading') return;
    this.#failure = failure;
    this.#state = 'failed';
  }

  stop(): void {
    this.#state = 'stopping';
  }

  /** A {@link Progress} that is seen here and passed on to `next`. */
  progress(next: Progress): Progress {
    return {
      note: (text) => {
        next.note(text);
      },
      stage: (name, unit, total) => {
        const stage: LoadStage = {
          ...{ name, unit, done: 0, ended: false },
          ...(total === undefined ? {} : { total }),
        };
        this.stages.push(stage);
        const shown = next.stage(name, unit, total);
        return {
          add: (units) => {
            stage.done += units;
            shown.add(units);
          },
          end: () => {
            stage.ended = true;
            shown.end();
          },
        };
      },
    };
  }
}
