import { workerData } from 'node:worker_threads';

import type { PageOptions, PageRequest } from './page-task.ts';
import { passagesOfPage } from './page-task.ts';
import { answerTasks } from './task-pool.ts';

const options = workerData as PageOptions;
answerTasks((page: PageRequest) => passagesOfPage(page, options));
