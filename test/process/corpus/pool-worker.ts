import { answerTasks } from '../../../corpus/task-pool.ts';

answerTasks((request: string) => {
  if (request === 'throw') throw new Error('it threw');
  if (request === 'exit') process.exit(1);
  if (request === 'hang') for (;;);
  if (request === 'backtrack') return String(/^(?:a|a)+$/.test(`${'a'.repeat(60)}b`));
  if (request === 'memory') {
    const held: number[][] = [];
    for (;;) held.push(Array.from({ length: 1e6 }, (_, n) => n + held.length));
  }
  return `done ${request}`;
});
