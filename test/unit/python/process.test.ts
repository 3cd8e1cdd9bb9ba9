import { test } from 'tap';

import { runLines } from '../../../src/python/process.ts';

test("a Python program does not see the packages of its user's environment", async (t) => {
  const names = ['PYTHONPATH', 'PYTHONHOME', 'PYTHONUTF8', 'KEPT'];
  const program = `for (const name of ${JSON.stringify(names)}) console.log(process.env[name])`;
  const environment = { PYTHONPATH: 'other', PYTHONHOME: 'old', PYTHONUTF8: '0', KEPT: 'kept' };
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const { code } = await runLines(
    process.execPath,
    ['-e', program],
    undefined,
    onLine,
    environment,
  );
  t.equal(code, 0);
  t.same(lines, ['undefined', 'undefined', '1', 'kept']);
});
