import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { list, string } from '../abi/lists.ts';
import { tuple } from '../abi/records.ts';
import { Descriptor } from './descriptor.ts';

/** https://github.com/WebAssembly/wasi-filesystem/blob/main/wit/preopens.wit */
export const preopens: HostInterface = {
  name: 'wasi:filesystem/preopens',
  functions: {
    'get-directories': hostFunction(
      [],
      list(
        tuple(
          own(() => Descriptor),
          string,
        ),
      ),
      ({ world }) =>
        world.preopens.map(({ handle, guestPath, readOnly, onlyFile }) => {
          const mutate = !readOnly;
          const init = { read: true, write: mutate, mutate, borrowed: true, readOnly, onlyFile };
          return [new Descriptor(world.system, handle, init), guestPath] as const;
        }),
    ),
  },
};
