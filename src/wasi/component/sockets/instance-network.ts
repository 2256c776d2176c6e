import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { Network } from './network.ts';

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/instance-network.wit */
export const instanceNetwork: HostInterface = {
  name: 'wasi:sockets/instance-network',
  functions: {
    'instance-network': hostFunction(
      [],
      own(() => Network),
      () => new Network(),
    ),
  },
};
