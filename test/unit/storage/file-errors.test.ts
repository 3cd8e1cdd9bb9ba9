import { connect } from 'node:net';

import { test } from 'tap';

import {
  fileErrorOf,
  fileSystemError,
  isFileError,
  writeError,
} from '../../../src/storage/file-errors.ts';

/** An error as Node makes one of a system call that failed. */
function systemError(code: string, syscall: string, path?: string): NodeJS.ErrnoException {
  const message = `${code}: no luck, ${syscall}${path === undefined ? '' : ` '${path}'`}`;
  return Object.assign(new Error(message), { code, syscall, ...(path !== undefined && { path }) });
}

test('what a disk refuses is told by its code', (t) => {
  const cases: readonly [NodeJS.ErrnoException, string, RegExp][] = [
    [systemError('ENOSPC', 'write'), 'SSP_DISK_FULL', /disk of \/out: ENOSPC/],
    [systemError('EDQUOT', 'write'), 'SSP_DISK_FULL', /disk of \/out: EDQUOT/],
    [systemError('ENOSPC', 'open', '/a'), 'SSP_DISK_FULL', /disk of \/a: ENOSPC/],
    [systemError('EROFS', 'mkdir', '/a'), 'SSP_NOT_WRITABLE', /to \/a: EROFS/],
    [systemError('EIO', 'fsync'), 'SSP_FILE_SYSTEM', /EIO: no luck, fsync: \/out/],
    [systemError('ELOOP', 'stat', '/a'), 'SSP_FILE_SYSTEM', /stat '\/a'$/],
    [systemError('EINVAL', 'mkdir', '/a:b'), 'SSP_FILE_SYSTEM', /mkdir '\/a:b'$/],
    [systemError('EACCES', 'open', '/a'), 'SSP_FILE_SYSTEM', /open '\/a'$/],
  ];
  for (const [error, code, message] of cases) {
    t.ok(isFileError(error));
    t.match(fileSystemError(error, '/out'), { code, message, cause: error }, error.message);
  }
  t.match(writeError(systemError('EACCES', 'open', '/a'), '/a'), { code: 'SSP_NOT_WRITABLE' });
  t.end();
});

test('what the system refused a library is told by the same codes', (t) => {
  const told = (text: string): Error =>
    new Error(
      `lance error: LanceError(IO): ${text}, /cargo/structural.rs:188:9  Caused by: ${text}`,
    );
  const full = told('No space left on device (os error 28)');
  t.match(writeError(full, '/out'), {
    code: 'SSP_DISK_FULL',
    message: /disk of \/out: ENOSPC: No space left on device$/,
  });
  const locked = told('Permission denied (os error 13)');
  t.match(writeError(locked, '/out'), { code: 'SSP_NOT_WRITABLE' });
  t.match(fileErrorOf(told('Too many open files (os error 24)')), { code: 'EMFILE' });
  const unreachable = new Error('tcp connect: Connection refused (os error 111)');
  t.equal(writeError(unreachable, '/out'), unreachable);
  t.end();
});

test('what no disk refused stays what it is', async (t) => {
  const [defect, refused] = [new TypeError('x is undefined'), systemError('EINVAL', 'setsockopt')];
  for (const error of [defect, refused, 'text']) {
    t.notOk(isFileError(error));
    t.equal(writeError(error, '/a'), error);
  }
  const unreachable = await new Promise((resolve) => connect(9, '127.0.0.1').on('error', resolve));
  t.notOk(isFileError(unreachable), 'a server that does not answer');
});
