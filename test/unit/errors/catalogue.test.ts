import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { catalogue } from '../../../src/errors/catalogue.ts';
import { errorsDocument, policyCatalogue } from '../../../src/errors/document.ts';
import { isSspError, SspError } from '../../../src/errors/error.ts';

const root = new URL('../../../', import.meta.url);

test('ERRORS.md is what the catalogue says', async (t) => {
  const document = await readFile(new URL('ERRORS.md', root), 'utf8');
  t.equal(document, errorsDocument(catalogue), 'run `npm run docs`');
});

test('the policy service reads the same texts', async (t) => {
  const path = 'services/policy/ssp_policy/error_catalogue.json';
  t.equal(await readFile(new URL(path, root), 'utf8'), policyCatalogue(), 'run `npm run docs`');
});

test('every code is well formed and every row says what to do', (t) => {
  for (const [code, row] of Object.entries(catalogue)) {
    t.match(code, /^SSP_[A-Z0-9]+(_[A-Z0-9]+)*$/, code);
    t.ok(row.remedy.length > 10, `${code} has a remedy`);
    t.ok(row.status >= 400 && row.status < 600, `${code} has an error status`);
  }
  t.end();
});

test('every code is thrown somewhere', (t) => {
  const named = new Set<string>();
  for (const room of ['src', 'corpus', 'indexer', 'services']) {
    for (const source of sourcesOf(room)) {
      for (const [code] of source.matchAll(/\bSSP_[A-Z0-9_]*[A-Z0-9]\b/g)) named.add(code);
    }
  }
  const codes = Object.keys(catalogue);
  t.strictSame(
    codes.filter((code) => !named.has(code)),
    [],
    'codes that nothing throws',
  );
  t.end();
});

test('an error fills its message and remedy and keeps the details', (t) => {
  const error = new SspError('SSP_FILE_NOT_FOUND', { what: 'corpus manifest', path: 'a/b' });
  t.equal(error.message, 'There is no corpus manifest at a/b.');
  t.equal(error.exitCode, 2);
  t.equal(error.status, 404);
  t.strictSame(error.toJSON().details, { what: 'corpus manifest', path: 'a/b' });
  t.ok(isSspError(error, 'SSP_FILE_NOT_FOUND'));
  t.notOk(isSspError(error, 'SSP_USAGE'));
  t.notOk(isSspError(new Error('x')));
  t.end();
});

function sourcesOf(room: string): string[] {
  const entries = readdirSync(new URL(room, root), { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) =>
      entry.isFile() &&
      /\.(ts|mjs|py)$/.test(entry.name) &&
      !entry.parentPath.endsWith('src/errors'),
  );
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'));
}
