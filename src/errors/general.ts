import { defineErrors } from './entry.ts';

/** Command line, configuration, files. */
export const generalErrors = defineErrors({
  SSP_USAGE: {
    message: '{problem}',
    remedy: 'Run the command with --help to see its options and examples.',
    status: 400,
    exitCode: 2,
  },
  SSP_CONFIG_INVALID: {
    message: 'The configuration {source} is not valid: {problem}',
    remedy: 'Correct the named key; `ssp config` prints every key with its range and default.',
    status: 400,
    exitCode: 2,
  },
  SSP_FILE_NOT_FOUND: {
    message: 'There is no {what} at {path}.',
    remedy: 'Check the path, and that the command that makes it has finished.',
    status: 404,
    exitCode: 2,
  },
  SSP_INPUT_KIND: {
    message: '{path} is {found}, not {wanted}.',
    remedy: '{next} docs/tasks.md has the commands in their order.',
    status: 400,
    exitCode: 2,
  },
  SSP_CACHE_NOT_WRITABLE: {
    message: 'The cache cannot be written: {problem}',
    remedy:
      'Name a folder with room for it, as the variable {variable}: `{variable}=/folder ssp ...`.',
    status: 500,
    exitCode: 3,
  },
  SSP_FILE_UNREADABLE: {
    message: 'The file {path} cannot be read: {problem}',
    remedy: 'Check its permissions and that the disk is healthy.',
    status: 500,
    exitCode: 3,
  },
  SSP_FILE_INVALID: {
    message: 'The {what} {path} is not valid: {problem}',
    remedy: 'Make it again with the command that wrote it, or restore it from a copy.',
    status: 500,
    exitCode: 2,
  },
  SSP_FILE_SYSTEM: {
    message: 'A file or folder could not be used: {problem}',
    remedy: 'Check the path, its folders and links, its permissions, and the state of the disk.',
    status: 500,
    exitCode: 3,
  },
  SSP_NOT_WRITABLE: {
    message: 'Nothing can be written to {path}: {problem}',
    remedy:
      'Choose another folder, or make this one writable: its owner and permissions, and whether its disk is mounted read-only.',
    status: 500,
    exitCode: 3,
  },
  SSP_OUTPUT_EXISTS: {
    message: '{path} already holds {what}.',
    remedy: 'Choose another --out, or pass --force to replace it.',
    status: 409,
    exitCode: 2,
  },
  SSP_SERVICE_SILENT: {
    message: 'No sign of life from {service} at {url} for {seconds} s; it was asked for {what}.',
    remedy:
      'Look whether it hangs, was stopped or is out of memory; wait longer with patienceSeconds.',
    status: 504,
    exitCode: 3,
  },
  SSP_OUTPUT_FOREIGN: {
    message: '{path} is not from this command, so nothing was removed.',
    remedy:
      'Choose another --out, or move it away: only what the command itself has made is replaced.',
    status: 409,
    exitCode: 2,
  },
  SSP_OUTPUT_IN_USE: {
    message: 'Process {pid} on {host} is writing {path}.',
    remedy:
      'Wait for its end or stop it, or choose another --out. Only where {host} is another machine on which it has died: remove the lock file {lock}.',
    status: 409,
    exitCode: 2,
  },
  SSP_INTERRUPTED: {
    message: 'Interrupted: {progress}',
    remedy: 'Run the same command again: {resume}',
    status: 503,
    exitCode: 130,
  },
  SSP_INTERNAL: {
    message: 'Unexpected failure: {problem}',
    remedy:
      'This is a defect of ssp. Please report it with the command and the output of --verbose.',
    status: 500,
    exitCode: 3,
  },
});
