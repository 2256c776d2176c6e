import { borrow, own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { bool, u64 } from '../abi/numbers.ts';
import { tuple } from '../abi/records.ts';
import { enumeration, result, unit } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream } from '../io/output-stream.ts';
import { Pollable } from '../io/pollable.ts';
import { errorCode } from './error-code.ts';
import { asSocketAddress, endpointOf, ipAddressFamily, ipSocketAddress } from './ip-address.ts';
import { Network } from './network.ts';
import { tcpOptions } from './tcp-options.ts';
import { TcpSocket } from './tcp-socket.ts';

const socket = borrow(() => TcpSocket);
const network = borrow(() => Network);
const nothing = result(unit, errorCode);
const address = result(ipSocketAddress, errorCode);
const input = own(() => InputStream);
const output = own(() => OutputStream);
const shutdownType = enumeration(['receive', 'send', 'both']);

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/tcp.wit */
export const tcp: HostInterface = {
  name: 'wasi:sockets/tcp',
  resources: { 'tcp-socket': TcpSocket },
  functions: {
    '[method]tcp-socket.start-bind': hostFunction(
      [socket, network, ipSocketAddress],
      nothing,
      (_guest, self, _network, local) => self.startBind(endpointOf(local)),
    ),
    '[method]tcp-socket.finish-bind': hostFunction([socket], nothing, (_guest, self) =>
      self.finishBind(),
    ),
    '[method]tcp-socket.start-connect': hostFunction(
      [socket, network, ipSocketAddress],
      nothing,
      (_guest, self, _network, remote) => self.startConnect(endpointOf(remote)),
    ),
    '[method]tcp-socket.finish-connect': hostFunction(
      [socket],
      result(tuple(input, output), errorCode),
      (_guest, self) => self.finishConnect(),
    ),
    '[method]tcp-socket.start-listen': hostFunction([socket], nothing, (_guest, self) =>
      self.startListen(),
    ),
    '[method]tcp-socket.finish-listen': hostFunction([socket], nothing, (_guest, self) =>
      self.finishListen(),
    ),
    '[method]tcp-socket.accept': hostFunction(
      [socket],
      result(
        tuple(
          own(() => TcpSocket),
          input,
          output,
        ),
        errorCode,
      ),
      (_guest, self) => self.accept(),
    ),
    '[method]tcp-socket.local-address': hostFunction([socket], address, (_guest, self) =>
      asSocketAddress(self.localAddress()),
    ),
    '[method]tcp-socket.remote-address': hostFunction([socket], address, (_guest, self) =>
      asSocketAddress(self.remoteAddress()),
    ),
    '[method]tcp-socket.is-listening': hostFunction(
      [socket],
      bool,
      (_guest, self) => self.isListening,
    ),
    '[method]tcp-socket.address-family': hostFunction(
      [socket],
      ipAddressFamily,
      (_guest, self) => self.family,
    ),
    '[method]tcp-socket.set-listen-backlog-size': hostFunction(
      [socket, u64],
      nothing,
      (_guest, self, size) => self.setBacklog(size),
    ),
    ...tcpOptions({ socket: () => TcpSocket, errorCode, get: '' }),
    '[method]tcp-socket.subscribe': hostFunction(
      [socket],
      own(() => Pollable),
      (_guest, self) => new Pollable(self.readiness, self),
    ),
    '[method]tcp-socket.shutdown': hostFunction(
      [socket, shutdownType],
      nothing,
      (_guest, self, type) => self.shutdown(type),
    ),
  },
};
