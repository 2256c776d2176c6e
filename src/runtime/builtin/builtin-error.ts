import { errno, errnoName } from '../../wasi/errno.ts';

/** A complaint of a built-in command, in the words that people know from the system's own. */
export class BuiltinError extends Error {
  override readonly name = 'BuiltinError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A failed operation on a file. */
export function fileError(path: string, error: number): BuiltinError {
  return new BuiltinError(`${path}: ${messages[error] ?? errnoName(error)}`);
}

/** A command that was called wrongly. */
export function usageError(usage: string): BuiltinError {
  return new BuiltinError(`usage: ${usage}`, 2);
}

const messages: Readonly<Record<number, string>> = {
  [errno.acces]: 'Permission denied',
  [errno.exist]: 'File exists',
  [errno.isdir]: 'Is a directory',
  [errno.loop]: 'Too many levels of symbolic links',
  [errno.noent]: 'No such file or directory',
  [errno.nospc]: 'No space left on device',
  [errno.notdir]: 'Not a directory',
  [errno.notempty]: 'Directory not empty',
  [errno.perm]: 'Operation not permitted',
  [errno.pipe]: 'Broken pipe',
  [errno.rofs]: 'Read-only file system',
};
