import { borrow, own } from '../../abi/handles.ts';
import { type HostFunction, hostFunction } from '../../abi/host-function.ts';
import { u64 } from '../../abi/numbers.ts';
import { openEnumeration } from '../../abi/open-enumeration.ts';
import { done, error, option, result, unit } from '../../abi/variants.ts';
import { RequestOptions } from './messages.ts';

type OptionsError = 'not-supported' | 'immutable';
type Timeout = 'connectTimeout' | 'firstByteTimeout' | 'betweenBytesTimeout';

const self = borrow(() => RequestOptions);
const ownOptions = own(() => RequestOptions);
const nothing = result(unit, openEnumeration<OptionsError>(['not-supported', 'immutable']));

/** Functions of `request-options`. */
export const requestOptionsFunctions: Record<string, HostFunction> = {
  '[constructor]request-options': hostFunction([], ownOptions, () => new RequestOptions()),
  ...timeoutFunctions('connect-timeout', 'connectTimeout'),
  ...timeoutFunctions('first-byte-timeout', 'firstByteTimeout'),
  ...timeoutFunctions('between-bytes-timeout', 'betweenBytesTimeout'),
  '[method]request-options.clone': hostFunction([self], ownOptions, (_guest, it) => it.copy(true)),
};

function timeoutFunctions(name: string, key: Timeout): Record<string, HostFunction> {
  return {
    [`[method]request-options.get-${name}`]: hostFunction(
      [self],
      option(u64),
      (_guest, it) => it[key],
    ),
    [`[method]request-options.set-${name}`]: hostFunction(
      [self, option(u64)],
      nothing,
      (_guest, it, value) => {
        if (!it.isMutable) return error('immutable');
        it[key] = value;
        return done;
      },
    ),
  };
}
