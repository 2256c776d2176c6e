import { errno } from '../../errno.ts';
import { enumeration, error, ok, type Result } from '../abi/variants.ts';

/** The cases of `wasi:sockets/network.error-code`, in the order of the WIT. */
const names = [
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
] as const;

export type ErrorCode = (typeof names)[number];

/** `wasi:sockets/network.error-code`. */
export const errorCode = enumeration(names);

const byNumber = new Map<number, ErrorCode>([
  [errno.acces, 'access-denied'],
  [errno.perm, 'access-denied'],
  [errno.afnosupport, 'not-supported'],
  [errno.notsup, 'not-supported'],
  [errno.noprotoopt, 'not-supported'],
  [errno.protonosupport, 'not-supported'],
  [errno.inval, 'invalid-argument'],
  [errno.destaddrreq, 'invalid-argument'],
  [errno.nobufs, 'out-of-memory'],
  [errno.nomem, 'out-of-memory'],
  [errno.timedout, 'timeout'],
  [errno.already, 'concurrency-conflict'],
  [errno.again, 'would-block'],
  [errno.inprogress, 'would-block'],
  [errno.isconn, 'invalid-state'],
  [errno.notconn, 'invalid-state'],
  [errno.mfile, 'new-socket-limit'],
  [errno.nfile, 'new-socket-limit'],
  [errno.addrnotavail, 'address-not-bindable'],
  [errno.addrinuse, 'address-in-use'],
  [errno.hostunreach, 'remote-unreachable'],
  [errno.netdown, 'remote-unreachable'],
  [errno.netunreach, 'remote-unreachable'],
  [errno.connrefused, 'connection-refused'],
  [errno.connreset, 'connection-reset'],
  [errno.pipe, 'connection-reset'],
  [errno.connaborted, 'connection-aborted'],
  [errno.msgsize, 'datagram-too-large'],
]);

/** The error code for an error number of the system. */
export function errorCodeOf(status: number): ErrorCode {
  return byNumber.get(status) ?? 'unknown';
}

/** What a function answers that may fail. */
export type Outcome<T> = Result<T, ErrorCode>;

export const refuse = (code: ErrorCode): Outcome<never> => error(code);

/** The outcome of a call that only has an error number. */
export function statusOutcome(status: number): Outcome<undefined> {
  return status === errno.success ? ok(undefined) : refuse(errorCodeOf(status));
}

/** The outcome of a call whose result is negative for an error. */
export function valueOutcome(result: number): Outcome<number> {
  return result < 0 ? refuse(errorCodeOf(-result)) : ok(result);
}

/** A failure of a connection; the cause of its streams' errors. */
export class SocketFailure extends Error {
  override readonly name = 'SocketFailure';
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(`The connection failed: ${code}`);
    this.code = code;
  }
}
