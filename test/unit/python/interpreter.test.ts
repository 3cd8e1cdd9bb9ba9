import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { findPython } from '../../../src/python/interpreter.ts';

const skip = process.platform === 'win32' && 'the stand-in programs are shell scripts';

test('what is wrong with the Python at hand', { skip }, async (t) => {
  const folder = t.testdir({
    old: '#!/bin/sh\necho /usr/bin/python3.8\necho 3.8\n',
    bare: '#!/bin/sh\ncase "$2" in *executable*) echo "$0"; echo 3.12;; *) echo "No module named ensurepip" >&2; exit 1;; esac\n',
  });
  for (const name of ['old', 'bare']) chmodSync(join(folder, name), 0o755);
  const find = (name: string): Promise<unknown> => findPython({ SSP_PYTHON: join(folder, name) });
  await t.rejects(find('none'), { code: 'SSP_PYTHON_MISSING' });
  await t.rejects(find('old'), { code: 'SSP_PYTHON_MISSING' });
  await t.rejects(find('bare'), { code: 'SSP_PYTHON_VENV_MISSING', message: /ensurepip/ });
});
