import { borrow, own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { bytes, list } from '../abi/lists.ts';
import { u64 } from '../abi/numbers.ts';
import { record, tuple } from '../abi/records.ts';
import { ok, option, result, unit } from '../abi/variants.ts';
import { Pollable } from '../io/pollable.ts';
import { alwaysReady } from '../io/readiness.ts';
import { IncomingDatagramStream, OutgoingDatagramStream } from './datagram-streams.ts';
import { errorCode } from './error-code.ts';
import {
  asSocketAddress,
  endpointOf,
  type IpSocketAddress,
  ipAddressFamily,
  ipSocketAddress,
  socketAddressOf,
} from './ip-address.ts';
import { Network } from './network.ts';
import { udpOptions } from './udp-options.ts';
import { UdpSocket } from './udp-socket.ts';

const socket = borrow(() => UdpSocket);
const incoming = borrow(() => IncomingDatagramStream);
const outgoing = borrow(() => OutgoingDatagramStream);
const nothing = result(unit, errorCode);
const amount = result(u64, errorCode);
const address = result(ipSocketAddress, errorCode);
const pollable = own(() => Pollable);

const incomingDatagram = record<{ data: Uint8Array; 'remote-address': IpSocketAddress }>({
  data: bytes,
  'remote-address': ipSocketAddress,
});

const outgoingDatagram = record<{
  data: Uint8Array;
  'remote-address': IpSocketAddress | undefined;
}>({ data: bytes, 'remote-address': option(ipSocketAddress) });

/** https://github.com/WebAssembly/wasi-sockets/blob/main/wit/udp.wit */
export const udp: HostInterface = {
  name: 'wasi:sockets/udp',
  resources: {
    'udp-socket': UdpSocket,
    'incoming-datagram-stream': IncomingDatagramStream,
    'outgoing-datagram-stream': OutgoingDatagramStream,
  },
  functions: {
    '[method]udp-socket.start-bind': hostFunction(
      [socket, borrow(() => Network), ipSocketAddress],
      nothing,
      (_guest, self, _network, local) => self.startBind(endpointOf(local)),
    ),
    '[method]udp-socket.finish-bind': hostFunction([socket], nothing, (_guest, self) =>
      self.finishBind(),
    ),
    '[method]udp-socket.stream': hostFunction(
      [socket, option(ipSocketAddress)],
      result(
        tuple(
          own(() => IncomingDatagramStream),
          own(() => OutgoingDatagramStream),
        ),
        errorCode,
      ),
      (_guest, self, remote) => self.stream(remote && endpointOf(remote)),
    ),
    '[method]udp-socket.local-address': hostFunction([socket], address, (_guest, self) =>
      asSocketAddress(self.localAddress()),
    ),
    '[method]udp-socket.remote-address': hostFunction([socket], address, (_guest, self) =>
      asSocketAddress(self.remoteAddress()),
    ),
    '[method]udp-socket.address-family': hostFunction(
      [socket],
      ipAddressFamily,
      (_guest, self) => self.family,
    ),
    ...udpOptions({ socket: () => UdpSocket, errorCode, get: '' }),
    '[method]udp-socket.subscribe': hostFunction(
      [socket],
      pollable,
      (_guest, self) => new Pollable(alwaysReady, self),
    ),
    '[method]incoming-datagram-stream.receive': hostFunction(
      [incoming, u64],
      result(list(incomingDatagram), errorCode),
      (_guest, self, most) => {
        const received = self.receive(most);
        if (received.kind === 'error') return received;
        return ok(
          received.value.map(({ data, from }) => ({
            data,
            'remote-address': socketAddressOf(from),
          })),
        );
      },
    ),
    '[method]incoming-datagram-stream.subscribe': hostFunction(
      [incoming],
      pollable,
      (_guest, self) => new Pollable(self.readiness, self),
    ),
    '[method]outgoing-datagram-stream.check-send': hostFunction([outgoing], amount, (_g, self) =>
      self.checkSend(),
    ),
    '[method]outgoing-datagram-stream.send': hostFunction(
      [outgoing, list(outgoingDatagram)],
      amount,
      (_guest, self, datagrams) =>
        self.send(
          datagrams.map(({ data, 'remote-address': to }) => ({ data, to: to && endpointOf(to) })),
        ),
    ),
    '[method]outgoing-datagram-stream.subscribe': hostFunction(
      [outgoing],
      pollable,
      (_guest, self) => new Pollable(self.readiness, self),
    ),
  },
};
