import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { list, string } from '../abi/lists.ts';
import { tuple } from '../abi/records.ts';
import { ok, option, result, variant } from '../abi/variants.ts';

const configError = variant({ upstream: string, io: string });

/**
 * Not final yet, so that its whole version counts.
 * https://github.com/WebAssembly/wasi-config/blob/main/wit/store.wit
 */
export const store: HostInterface = {
  name: 'wasi:config/store@0.2.0-rc.1',
  functions: {
    get: hostFunction([string], result(option(string), configError), ({ world }, key) =>
      ok(world.configuration.get(key)),
    ),
    'get-all': hostFunction([], result(list(tuple(string, string)), configError), ({ world }) =>
      ok([...world.configuration]),
    ),
  },
};
