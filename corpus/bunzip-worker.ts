import { Bunzip } from './bunzip.ts';
import { answerTasks } from './task-pool.ts';

answerTasks((compressed: Uint8Array): Uint8Array => {
  const bunzip = new Bunzip();
  return Buffer.concat([...bunzip.write(compressed), ...bunzip.end()]);
});
