import type { Codec } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import type { Codecs, HostFunction } from '../abi/host-function.ts';
import type { DateTime } from '../clocks/wall-clock.ts';
import type { ErrorCode } from './error-code.ts';
import type { DescriptorType } from './stat.ts';

/** In what the versions of wasi:filesystem differ, where they have the same functions. */
export interface Dialect {
  /** Makes a function, which is `async` in WIT or not. */
  define<const P extends readonly unknown[], R>(
    parameters: Codecs<P>,
    result: Codec<R>,
    implementation: (guest: Guest, ...values: P) => R,
  ): HostFunction;
  readonly errorCode: Codec<ErrorCode>;
  readonly descriptorType: Codec<DescriptorType>;
  readonly dateTime: Codec<DateTime>;
}
