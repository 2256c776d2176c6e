import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { InputStream } from '../io/input-stream.ts';
import { StandardInput } from './standard-input.ts';

/** https://github.com/WebAssembly/wasi-cli/blob/main/wit/stdio.wit */
export const stdin: HostInterface = {
  name: 'wasi:cli/stdin',
  functions: {
    'get-stdin': hostFunction(
      [],
      own(() => InputStream),
      ({ world }) => new StandardInput(world.system, world.stdin),
    ),
  },
};
