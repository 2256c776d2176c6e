import { borrow, own } from '../../abi/handles.ts';
import { type HostFunction, hostFunction } from '../../abi/host-function.ts';
import { bool, u8, u64 } from '../../abi/numbers.ts';
import { tuple } from '../../abi/records.ts';
import { ok, result, unit } from '../../abi/variants.ts';
import { asyncFunction } from '../../async/async-function.ts';
import { future, stream } from '../../async/channel-codecs.ts';
import { futureOf } from '../../async/host-channel.ts';
import { createSocket } from '../../sockets/create-socket.ts';
import {
  asSocketAddress,
  endpointOf,
  ipAddressFamily,
  ipSocketAddress,
} from '../../sockets/ip-address.ts';
import { tcpOptions } from '../../sockets/tcp-options.ts';
import { TcpSocket as TcpSocket02 } from '../../sockets/tcp-socket.ts';
import { errorCode, errorCode02 } from './error-code.ts';
import { TcpSocket } from './tcp-socket.ts';

const self = borrow(() => TcpSocket);
const ownSocket = own(() => TcpSocket);
const nothing = result(unit, errorCode);
const bytes = stream(u8);
const end = future(nothing);
const address = result(ipSocketAddress, errorCode);

/** Functions of `tcp-socket`. */
export const tcpFunctions: Record<string, HostFunction> = {
  '[static]tcp-socket.create': hostFunction(
    [ipAddressFamily],
    result(ownSocket, errorCode),
    (guest, family) => {
      const opened = createSocket(guest, 'tcp', family);
      if (opened.kind === 'error') return opened;
      return ok(new TcpSocket(new TcpSocket02(opened.value, family)));
    },
  ),
  '[method]tcp-socket.bind': hostFunction([self, ipSocketAddress], nothing, (_guest, it, local) =>
    it.bind(endpointOf(local)),
  ),
  '[method]tcp-socket.connect': asyncFunction(
    [self, ipSocketAddress],
    nothing,
    (call, it, remote) => it.connect(call, endpointOf(remote)),
  ),
  '[method]tcp-socket.listen': hostFunction(
    [self],
    result(stream(ownSocket), errorCode),
    (guest, it) => it.listen(guest),
  ),
  '[method]tcp-socket.send': hostFunction([self, bytes], end, (guest, it, data) =>
    futureOf(it.send(guest, data)),
  ),
  '[method]tcp-socket.receive': hostFunction([self], tuple(bytes, end), (guest, it) =>
    it.receive(guest),
  ),
  '[method]tcp-socket.get-local-address': hostFunction([self], address, (_guest, it) =>
    asSocketAddress(it.socket.localAddress()),
  ),
  '[method]tcp-socket.get-remote-address': hostFunction([self], address, (_guest, it) =>
    asSocketAddress(it.socket.remoteAddress()),
  ),
  '[method]tcp-socket.get-is-listening': hostFunction(
    [self],
    bool,
    (_guest, it) => it.socket.isListening,
  ),
  '[method]tcp-socket.get-address-family': hostFunction(
    [self],
    ipAddressFamily,
    (_guest, it) => it.family,
  ),
  '[method]tcp-socket.set-listen-backlog-size': hostFunction(
    [self, u64],
    nothing,
    (_guest, it, size) => it.socket.setBacklog(size),
  ),
  ...tcpOptions({ socket: () => TcpSocket, errorCode: errorCode02, get: 'get-' }),
};
