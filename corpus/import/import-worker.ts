import { workerData } from 'node:worker_threads';

import { answerTasks } from '../task-pool.ts';
import type { ImportOptions } from './import-options.ts';
import type { RowBatch } from './row-batch.ts';
import { readBatch } from './row-batch.ts';

const options = workerData as ImportOptions;
answerTasks((batch: RowBatch) => readBatch(batch, options));
