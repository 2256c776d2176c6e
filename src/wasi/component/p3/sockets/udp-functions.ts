import { borrow, own } from '../../abi/handles.ts';
import { type HostFunction, hostFunction } from '../../abi/host-function.ts';
import { bytes } from '../../abi/lists.ts';
import { tuple } from '../../abi/records.ts';
import { ok, option, result, unit } from '../../abi/variants.ts';
import { asyncFunction } from '../../async/async-function.ts';
import { createSocket } from '../../sockets/create-socket.ts';
import {
  asSocketAddress,
  endpointOf,
  ipAddressFamily,
  ipSocketAddress,
  socketAddressOf,
} from '../../sockets/ip-address.ts';
import { udpOptions } from '../../sockets/udp-options.ts';
import { UdpSocket as UdpSocket02 } from '../../sockets/udp-socket.ts';
import { errorCode, errorCode02 } from './error-code.ts';
import { UdpSocket } from './udp-socket.ts';

const self = borrow(() => UdpSocket);
const nothing = result(unit, errorCode);
const address = result(ipSocketAddress, errorCode);

/** Functions of `udp-socket`. */
export const udpFunctions: Record<string, HostFunction> = {
  '[static]udp-socket.create': hostFunction(
    [ipAddressFamily],
    result(
      own(() => UdpSocket),
      errorCode,
    ),
    (guest, family) => {
      const opened = createSocket(guest, 'udp', family);
      if (opened.kind === 'error') return opened;
      return ok(new UdpSocket(new UdpSocket02(opened.value, family)));
    },
  ),
  '[method]udp-socket.bind': hostFunction([self, ipSocketAddress], nothing, (_guest, it, local) =>
    it.bind(endpointOf(local)),
  ),
  '[method]udp-socket.connect': hostFunction(
    [self, ipSocketAddress],
    nothing,
    (_guest, it, remote) => it.connect(endpointOf(remote)),
  ),
  '[method]udp-socket.disconnect': hostFunction([self], nothing, (_guest, it) => it.disconnect()),
  '[method]udp-socket.send': asyncFunction(
    [self, bytes, option(ipSocketAddress)],
    nothing,
    (call, it, data, to) => it.send(call, data, to && endpointOf(to)),
  ),
  '[method]udp-socket.receive': asyncFunction(
    [self],
    result(tuple(bytes, ipSocketAddress), errorCode),
    async (call, it) => {
      const received = await it.receive(call);
      if (received.kind === 'error') return received;
      return ok([received.value.data, socketAddressOf(received.value.from)] as const);
    },
  ),
  '[method]udp-socket.get-local-address': hostFunction([self], address, (_guest, it) =>
    asSocketAddress(it.socket.localAddress()),
  ),
  '[method]udp-socket.get-remote-address': hostFunction([self], address, (_guest, it) =>
    asSocketAddress(it.socket.remoteAddress()),
  ),
  '[method]udp-socket.get-address-family': hostFunction(
    [self],
    ipAddressFamily,
    (_guest, it) => it.family,
  ),
  ...udpOptions({ socket: () => UdpSocket, errorCode: errorCode02, get: 'get-' }),
};
