import type { Test } from 'tap';

/**
 * `t.testdir(content)` for a test that starts something over its folder: everything that
 * `t.teardown` ends has ended before the folder is removed. tap itself removes a folder first if it
 * was made before the first teardown was given.
 */
export function testFolder(
  t: Pick<Test, 'teardown' | 'testdir'>,
  content?: Parameters<Test['testdir']>[0],
): string {
  t.teardown(() => undefined);
  return t.testdir(content);
}
