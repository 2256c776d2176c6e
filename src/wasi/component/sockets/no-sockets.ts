import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, type HostInterface, hostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { Resource, type ResourceClass } from '../abi/resource.ts';
import { enumeration, error, option, result } from '../abi/variants.ts';
import { IoError } from '../io/io-error.ts';
import { errorCode } from './error-code.ts';

class Network extends Resource {}
class TcpSocket extends Resource {}
class UdpSocket extends Resource {}
class IncomingDatagramStream extends Resource {}
class OutgoingDatagramStream extends Resource {}
class ResolveAddressStream extends Resource {}

const addressFamily = enumeration(['ipv4', 'ipv6']);
const denied = error('access-denied' as const);

/**
 * A method of a resource that is never given out: whatever handle a guest calls it with is not one
 * of its kind, which is a trap.
 */
function unreachable(resource: ResourceClass<Resource>): HostFunction {
  return {
    suspends: false,
    bind:
      ({ handles }) =>
      (...values) => {
        handles.borrow(unsignedAt(values, 0), resource);
        return undefined;
      },
  };
}

function methods(
  name: string,
  resource: ResourceClass<Resource>,
  functions: readonly string[],
): Record<string, HostFunction> {
  return Object.fromEntries(
    functions.map((method) => [`[method]${name}.${method}`, unreachable(resource)]),
  );
}

/** `get` and `set` of a property. */
function property(name: string): string[] {
  return [name, `set-${name}`];
}

const tcpMethods = [
  'start-bind',
  'finish-bind',
  'start-connect',
  'finish-connect',
  'start-listen',
  'finish-listen',
  'accept',
  'local-address',
  'remote-address',
  'is-listening',
  'address-family',
  'set-listen-backlog-size',
  ...property('keep-alive-enabled'),
  ...property('keep-alive-idle-time'),
  ...property('keep-alive-interval'),
  ...property('keep-alive-count'),
  ...property('hop-limit'),
  ...property('receive-buffer-size'),
  ...property('send-buffer-size'),
  'subscribe',
  'shutdown',
];

const udpMethods = [
  'start-bind',
  'finish-bind',
  'stream',
  'local-address',
  'remote-address',
  'address-family',
  ...property('unicast-hop-limit'),
  ...property('receive-buffer-size'),
  ...property('send-buffer-size'),
  'subscribe',
];

/**
 * wasi:sockets for a component that is granted no sockets: it can be linked, and every attempt to
 * make a socket or to resolve a name is answered with `access-denied`.
 */
export const noSockets: readonly HostInterface[] = [
  {
    name: 'wasi:sockets/network',
    resources: { network: Network },
    functions: {
      'network-error-code': hostFunction(
        [borrow(() => IoError)],
        option(errorCode),
        (_guest, _failure) => undefined,
      ),
    },
  },
  {
    name: 'wasi:sockets/instance-network',
    functions: {
      'instance-network': hostFunction(
        [],
        own(() => Network),
        () => new Network(),
      ),
    },
  },
  {
    name: 'wasi:sockets/tcp-create-socket',
    functions: {
      'create-tcp-socket': hostFunction(
        [addressFamily],
        result(
          own(() => TcpSocket),
          errorCode,
        ),
        (_guest, _family) => denied,
      ),
    },
  },
  {
    name: 'wasi:sockets/tcp',
    resources: { 'tcp-socket': TcpSocket },
    functions: methods('tcp-socket', TcpSocket, tcpMethods),
  },
  {
    name: 'wasi:sockets/udp-create-socket',
    functions: {
      'create-udp-socket': hostFunction(
        [addressFamily],
        result(
          own(() => UdpSocket),
          errorCode,
        ),
        (_guest, _family) => denied,
      ),
    },
  },
  {
    name: 'wasi:sockets/udp',
    resources: {
      'udp-socket': UdpSocket,
      'incoming-datagram-stream': IncomingDatagramStream,
      'outgoing-datagram-stream': OutgoingDatagramStream,
    },
    functions: {
      ...methods('udp-socket', UdpSocket, udpMethods),
      ...methods('incoming-datagram-stream', IncomingDatagramStream, ['receive', 'subscribe']),
      ...methods('outgoing-datagram-stream', OutgoingDatagramStream, [
        'check-send',
        'send',
        'subscribe',
      ]),
    },
  },
  {
    name: 'wasi:sockets/ip-name-lookup',
    resources: { 'resolve-address-stream': ResolveAddressStream },
    functions: {
      'resolve-addresses': hostFunction(
        [borrow(() => Network), string],
        result(
          own(() => ResolveAddressStream),
          errorCode,
        ),
        (_guest, _network, _name) => denied,
      ),
      ...methods('resolve-address-stream', ResolveAddressStream, [
        'resolve-next-address',
        'subscribe',
      ]),
    },
  },
];
