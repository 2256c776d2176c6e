import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { ok, result } from '../abi/variants.ts';
import { createSocket } from './create-socket.ts';
import { errorCode } from './error-code.ts';
import { ipAddressFamily } from './ip-address.ts';
import { TcpSocket } from './tcp-socket.ts';

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/tcp-create-socket.wit */
export const tcpCreateSocket: HostInterface = {
  name: 'wasi:sockets/tcp-create-socket',
  functions: {
    'create-tcp-socket': hostFunction(
      [ipAddressFamily],
      result(
        own(() => TcpSocket),
        errorCode,
      ),
      (guest, family) => {
        const socket = createSocket(guest, 'tcp', family);
        return socket.kind === 'ok' ? ok(new TcpSocket(socket.value, family)) : socket;
      },
    ),
  },
};
