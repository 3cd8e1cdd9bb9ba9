import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import t from 'tap';

import { installedPythonEnvironment } from '../../../../src/python/environment.ts';
import { pythonVariables } from '../../../../src/python/process.ts';
import { testFolder } from '../../../material/test-folder.ts';

const environment = await installedPythonEnvironment();

/** Why tests with PyTorch encoders are skipped, or false. */
export const skip =
  environment === undefined && 'no Python environment; `npm run python -- --version` makes it';

/**
 * A way to folders of two random encoders, `bert` and `xlm-roberta`, with PyTorch weights, and beside
 * each its vectors of `texts` (`bert.json`). They are made once for a test file, as that loads PyTorch;
 * each call copies them into a folder that is the caller's own.
 */
export function encodersOver(texts: readonly string[]): (test: Test) => string {
  let made: string | undefined;
  return (test) => {
    made ??= make(testFolder(t), texts);
    const folder = join(testFolder(test), 'encoders');
    cpSync(made, folder, { recursive: true });
    return folder;
  };
}

function make(folder: string, texts: readonly string[]): string {
  writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts));
  const script = fileURLToPath(new URL('tiny_encoders.py', import.meta.url));
  execFileSync(environment?.python ?? '', [script, folder, join(folder, 'texts.json')], {
    env: pythonVariables(),
    stdio: 'pipe',
  });
  return folder;
}
