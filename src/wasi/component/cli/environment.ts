import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { list, string } from '../abi/lists.ts';
import { tuple } from '../abi/records.ts';
import { option } from '../abi/variants.ts';

/** https://github.com/WebAssembly/wasi-cli/blob/main/wit/environment.wit */
export const environment: HostInterface = {
  name: 'wasi:cli/environment',
  functions: {
    'get-environment': hostFunction(
      [],
      list(tuple(string, string)),
      (guest) => guest.world.environment,
    ),
    'get-arguments': hostFunction([], list(string), (guest) => guest.world.arguments),
    'initial-cwd': hostFunction([], option(string), (guest) => guest.world.workingDirectory),
  },
};
