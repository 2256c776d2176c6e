import type { Duplex } from 'node:stream';
import { HttpError } from '../http/http-error.ts';
import type { Route, RoutedRequest } from '../http/router.ts';
import type { KubeletHost } from '../kubelet-host.ts';
import {
  type Dial,
  dialAddress,
  portForwardProtocols,
  servePortForward,
} from '../streaming/port-forward.ts';
import { upgradeToSpdy, wantsSpdy } from '../streaming/spdy-upgrade.ts';
import {
  channelPortForwardProtocols,
  parsePorts,
  servePortChannels,
} from '../streaming/websocket-port-forward.ts';
import { WebSocketTunnel } from '../streaming/websocket-tunnel.ts';
import { WebSocketUpgrader } from '../streaming/websocket-upgrade.ts';
import { findPod } from './find-container.ts';

const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';

/** `/portForward/{namespace}/{pod}`: TCP connections to ports of the pod. */
export function portForward(host: KubeletHost): Route[] {
  const webSockets = new WebSocketUpgrader([tunnelProtocol, ...channelPortForwardProtocols]);
  const upgrade = async (request: RoutedRequest, socket: Duplex, head: Buffer) => {
    const { address, ports } = findPod(host, request);
    if (address === undefined) {
      throw new HttpError('BadRequest', `pod "${request.params.pod}" has no address yet`);
    }
    const dial = dialAddress(address, ports);
    if (webSockets.accepts(request.message)) {
      await serveWebSocket(webSockets, request, { socket, head }, dial);
    } else {
      await servePortForward(openSpdy(request, { socket, head }), dial, request);
    }
  };
  return ['/portForward/:namespace/:pod', '/portForward/:namespace/:pod/:uid'].map((path) => ({
    path,
    methods: ['GET', 'POST'],
    upgrade,
  }));
}

interface Connection {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** SPDY within WebSocket, or channels for the ports that the request names. */
async function serveWebSocket(
  webSockets: WebSocketUpgrader,
  request: RoutedRequest,
  { socket, head }: Connection,
  dial: Dial,
): Promise<void> {
  const { message, url } = request;
  const offered = message.headers['sec-websocket-protocol'] ?? '';
  if (offered.includes(tunnelProtocol)) {
    const tunnel = new WebSocketTunnel(await webSockets.upgrade(message, socket, head));
    await servePortForward(tunnel, dial, request);
  } else {
    const ports = portsOf(url.searchParams);
    await servePortChannels(await webSockets.upgrade(message, socket, head), ports, dial, request);
  }
}

function openSpdy({ message }: RoutedRequest, { socket, head }: Connection): Duplex {
  if (!wantsSpdy(message)) {
    throw new HttpError('BadRequest', 'unable to upgrade: use SPDY/3.1 or WebSocket');
  }
  upgradeToSpdy(message, socket, portForwardProtocols);
  socket.unshift(head);
  return socket;
}

function portsOf(query: URLSearchParams): readonly number[] {
  try {
    return parsePorts(query);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new HttpError('BadRequest', cause.message, { cause });
  }
}
