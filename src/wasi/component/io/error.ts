import { borrow } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { IoError } from './io-error.ts';

/** https://github.com/WebAssembly/wasi-io/blob/main/wit/error.wit */
export const ioError: HostInterface = {
  name: 'wasi:io/error',
  resources: { error: IoError },
  functions: {
    '[method]error.to-debug-string': hostFunction([borrow(() => IoError)], string, (_guest, self) =>
      self.describe(),
    ),
  },
};
