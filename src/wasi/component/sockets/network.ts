import { borrow } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { Resource } from '../abi/resource.ts';
import { option } from '../abi/variants.ts';
import { IoError } from '../io/io-error.ts';
import { errorCode, SocketFailure } from './error-code.ts';

/** The right to use the network; what it allows, the pod's network says. */
export class Network extends Resource {}

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/network.wit */
export const network: HostInterface = {
  name: 'wasi:sockets/network',
  resources: { network: Network },
  functions: {
    'network-error-code': hostFunction(
      [borrow(() => IoError)],
      option(errorCode),
      (_guest, { cause }) => (cause instanceof SocketFailure ? cause.code : undefined),
    ),
  },
};
