import type { Codec } from '../../abi/codec.ts';
import { openEnumeration } from '../../abi/open-enumeration.ts';
import { type ErrorCode as ErrorCode02, SocketFailure } from '../../sockets/error-code.ts';

export type ErrorCode = ErrorCode02 | 'connection-broken';

/** `wasi:sockets/types.error-code` of WASI 0.3; what it does not know is `other`. */
export const errorCode: Codec<ErrorCode> = openEnumeration<ErrorCode>([
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'invalid-state',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-broken',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
]);

/** The same, for functions that are shared with 0.2: a guest is told of errors, it never tells one. */
export const errorCode02 = errorCode as Codec<string> as Codec<ErrorCode02>;

/** `wasi:sockets/ip-name-lookup.error-code`. */
export const lookupErrorCode: Codec<ErrorCode02> = openEnumeration<ErrorCode02>([
  'access-denied',
  'invalid-argument',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
]);

/** Why a connection's stream failed; one that is closed can be written to no more. */
export function codeOf(cause: unknown): ErrorCode {
  return cause instanceof SocketFailure ? cause.code : 'connection-broken';
}
