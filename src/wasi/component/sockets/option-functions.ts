import type { Codec } from '../abi/codec.ts';
import { borrow } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import type { Resource, ResourceClass } from '../abi/resource.ts';
import { result, unit } from '../abi/variants.ts';
import type { ErrorCode } from './error-code.ts';
import type { GuestOption, Subject } from './socket-options.ts';

/** In what the versions of wasi:sockets differ, where sockets have the same options. */
export interface OptionDialect {
  readonly socket: () => ResourceClass<Resource & Subject>;
  readonly errorCode: Codec<ErrorCode>;
  /** What the names of functions begin with that read an option. */
  readonly get: '' | 'get-';
}

/** For each option the function that reads it, and the one that sets it. */
export function optionFunctions(
  { errorCode, get, socket }: OptionDialect,
  resource: 'tcp-socket' | 'udp-socket',
  options: Readonly<Record<string, GuestOption<unknown>>>,
): Readonly<Record<string, HostFunction>> {
  const self = borrow(socket);
  const functions = Object.entries(options).flatMap(([name, option]) => [
    [
      `[method]${resource}.${get}${name}`,
      hostFunction([self], result(option.type, errorCode), (_guest, it) => option.read(it)),
    ],
    [
      `[method]${resource}.set-${name}`,
      hostFunction([self, option.type], result(unit, errorCode), (_guest, it, value) =>
        option.write(it, value),
      ),
    ],
  ]);
  return Object.fromEntries(functions);
}
