import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { list, string } from '../abi/lists.ts';
import { tuple } from '../abi/records.ts';
import { ok, option, result, variant } from '../abi/variants.ts';

const configError = variant({ upstream: string, io: string });

/** https://github.com/WebAssembly/wasi-config/blob/main/wit/store.wit */
export const store: HostInterface = {
  name: 'wasi:config/store',
  functions: {
    get: hostFunction([string], result(option(string), configError), ({ world }, key) =>
      ok(world.configuration.get(key)),
    ),
    'get-all': hostFunction([], result(list(tuple(string, string)), configError), ({ world }) =>
      ok([...world.configuration]),
    ),
  },
};
