import type { Duplex } from 'node:stream';
import { HttpError } from '../http/http-error.ts';
import type { Route, RoutedRequest } from '../http/router.ts';
import type { KubeletHost } from '../kubelet-host.ts';
import { dialAddress, portForwardProtocols, servePortForward } from '../streaming/port-forward.ts';
import { upgradeToSpdy, wantsSpdy } from '../streaming/spdy-upgrade.ts';
import { WebSocketTunnel } from '../streaming/websocket-tunnel.ts';
import { WebSocketUpgrader } from '../streaming/websocket-upgrade.ts';
import { findPod } from './find-container.ts';

const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';

/** `/portForward/{namespace}/{pod}`: TCP connections to ports of the pod. */
export function portForward(host: KubeletHost): Route[] {
  const webSockets = new WebSocketUpgrader([tunnelProtocol]);
  const upgrade = async (request: RoutedRequest, socket: Duplex, head: Buffer) => {
    const { address } = findPod(host, request);
    if (address === undefined) {
      throw new HttpError('BadRequest', `pod "${request.params.pod}" has no address yet`);
    }
    const transport = await openTransport(webSockets, request, socket, head);
    await servePortForward(transport, dialAddress(address), request);
  };
  return ['/portForward/:namespace/:pod', '/portForward/:namespace/:pod/:uid'].map((path) => ({
    path,
    methods: ['GET', 'POST'],
    upgrade,
  }));
}

async function openTransport(
  webSockets: WebSocketUpgrader,
  { message }: RoutedRequest,
  socket: Duplex,
  head: Buffer,
): Promise<Duplex> {
  if (webSockets.accepts(message)) {
    return new WebSocketTunnel(await webSockets.upgrade(message, socket, head));
  }
  if (!wantsSpdy(message)) {
    throw new HttpError('BadRequest', 'unable to upgrade: use SPDY/3.1, bare or within WebSocket');
  }
  upgradeToSpdy(message, socket, portForwardProtocols);
  socket.unshift(head);
  return socket;
}
