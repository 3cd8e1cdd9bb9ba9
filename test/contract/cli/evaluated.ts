import type { Test } from 'tap';

import type { Service } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import { evalOptionsSchema } from '../../../src/app/evaluate/asked-sets.ts';
import { evaluate } from '../../../src/app/evaluate/evaluate.ts';
import { evalCommand } from '../../../src/cli/eval.ts';
import { resolveConfig } from '../../../src/cli/section-options.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { EvaluationScores } from '../../../src/types/evaluation.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';

const { signal } = new AbortController();
const context = { signal, progress: silentProgress, print: () => undefined };

/** What `ssp eval` does with these arguments, in this process. */
export async function evaluated(...args: readonly string[]): Promise<EvaluationScores> {
  const command = evalCommand();
  command.parseOptions([...args]);
  const options = command.opts();
  const config = await resolveConfig(options, 'evaluation', 'game', 'judge');
  return evaluate(evalOptionsSchema.parse(options), config, context);
}

/** The real search service over a few passages, on a free port. */
export async function searchService(t: Pick<Test, 'teardown'>): Promise<Service> {
  const service = await startService({
    config: serviceConfig.parse({ port: 0, selfTestPassages: 0 }),
    open: () => Promise.resolve(standInIndex()),
    progress: silentProgress,
  });
  await service.ready;
  t.teardown(() => service.stop());
  return service;
}

/** The lines of a set: each question can be answered with 1284. */
export function setOf(name: string, count: number): string {
  const line = (i: number): object => ({
    ...{ id: `${name}${i}`, question: `When (${i})?`, golden_answers: ['1284'] },
  });
  return Array.from({ length: count }, (_, i) => `${JSON.stringify(line(i))}\n`).join('');
}
