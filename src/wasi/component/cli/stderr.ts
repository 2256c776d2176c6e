import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { OutputStream } from '../io/output-stream.ts';
import { StandardOutput } from './standard-output.ts';

/** https://github.com/WebAssembly/wasi-cli/blob/main/wit/stdio.wit */
export const stderr: HostInterface = {
  name: 'wasi:cli/stderr',
  functions: {
    'get-stderr': hostFunction(
      [],
      own(() => OutputStream),
      ({ world }) => new StandardOutput(world.stderr),
    ),
  },
};
