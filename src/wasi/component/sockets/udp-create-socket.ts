import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { ok, result } from '../abi/variants.ts';
import { createSocket } from './create-socket.ts';
import { errorCode } from './error-code.ts';
import { ipAddressFamily } from './ip-address.ts';
import { UdpSocket } from './udp-socket.ts';

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/udp-create-socket.wit */
export const udpCreateSocket: HostInterface = {
  name: 'wasi:sockets/udp-create-socket',
  functions: {
    'create-udp-socket': hostFunction(
      [ipAddressFamily],
      result(
        own(() => UdpSocket),
        errorCode,
      ),
      (guest, family) => {
        const socket = createSocket(guest, 'udp', family);
        return socket.kind === 'ok' ? ok(new UdpSocket(socket.value, family)) : socket;
      },
    ),
  },
};
