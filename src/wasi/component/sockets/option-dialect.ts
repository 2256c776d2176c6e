import type { Codec } from '../abi/codec.ts';
import type { Resource, ResourceClass } from '../abi/resource.ts';
import type { ErrorCode } from './error-code.ts';
import type { Subject } from './socket-options.ts';

/** In what the versions of wasi:sockets differ, where sockets have the same options. */
export interface OptionDialect {
  readonly socket: () => ResourceClass<Resource & Subject>;
  readonly errorCode: Codec<ErrorCode>;
  /** What the names of functions begin with that read an option. */
  readonly get: '' | 'get-';
}
