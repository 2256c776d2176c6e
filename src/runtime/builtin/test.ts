import { type FileStatus, fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinCommand } from './builtin-command.ts';
import { usageError } from './builtin-error.ts';

const tests: Readonly<Record<string, (status: FileStatus) => boolean>> = {
  '-d': ({ type }) => type === fileType.directory,
  '-e': () => true,
  '-f': ({ type }) => type === fileType.regularFile,
  '-s': ({ size }) => size > 0n,
};

/** `test -d|-e|-f|-s FILE`: exits with 0 where the file is as asked, else with 1. */
export const test: BuiltinCommand = ([operator = '', name, ...rest], { files }) => {
  const holds = tests[operator];
  if (holds === undefined || name === undefined || rest.length > 0) {
    throw usageError('test -d|-e|-f|-s FILE');
  }
  const status = files.find(name, true);
  return status !== undefined && holds(status) ? 0 : 1;
};
