import { type ErrnoName, errno } from '../../errno.ts';
import { enumeration, error, ok, type Result } from '../abi/variants.ts';

/** The error codes in the order of the WIT, and the WASI 0.1 error that each stands for. */
const errors = {
  access: 'acces',
  'would-block': 'again',
  already: 'already',
  'bad-descriptor': 'badf',
  busy: 'busy',
  deadlock: 'deadlk',
  quota: 'dquot',
  exist: 'exist',
  'file-too-large': 'fbig',
  'illegal-byte-sequence': 'ilseq',
  'in-progress': 'inprogress',
  interrupted: 'intr',
  invalid: 'inval',
  io: 'io',
  'is-directory': 'isdir',
  loop: 'loop',
  'too-many-links': 'mlink',
  'message-size': 'msgsize',
  'name-too-long': 'nametoolong',
  'no-device': 'nodev',
  'no-entry': 'noent',
  'no-lock': 'nolck',
  'insufficient-memory': 'nomem',
  'insufficient-space': 'nospc',
  'not-directory': 'notdir',
  'not-empty': 'notempty',
  'not-recoverable': 'notrecoverable',
  unsupported: 'notsup',
  'no-tty': 'notty',
  'no-such-device': 'nxio',
  overflow: 'overflow',
  'not-permitted': 'perm',
  pipe: 'pipe',
  'read-only': 'rofs',
  'invalid-seek': 'spipe',
  'text-file-busy': 'txtbsy',
  'cross-device': 'xdev',
} as const satisfies Readonly<Record<string, ErrnoName>>;

export type ErrorCode = keyof typeof errors;

const isErrorCode = (name: string): name is ErrorCode => Object.hasOwn(errors, name);
/** Every error code of WASI 0.2; in 0.3 nothing would block. */
export const errorCodes = Object.keys(errors).filter(isErrorCode);

/** `wasi:filesystem/types.error-code`. */
export const errorCode = enumeration<ErrorCode>(errorCodes);

const byNumber = new Map<number, ErrorCode>(errorCodes.map((name) => [errno[errors[name]], name]));

/** The error code for an error number of the system; `io` for those that WASI 0.2 does not know. */
export function errorCodeOf(status: number): ErrorCode {
  return byNumber.get(status) ?? 'io';
}

/** A failure of the file system; the cause of a file stream's error. */
export class FilesystemFailure extends Error {
  override readonly name = 'FilesystemFailure';
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(`The file system failed: ${code}`);
    this.code = code;
  }
}

/** The result of a call that only has an error number. */
export function statusResult(status: number): Result<undefined, ErrorCode> {
  return status === errno.success ? ok(undefined) : error(errorCodeOf(status));
}
