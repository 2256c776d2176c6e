import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** Longest message that a client may send, in bytes. */
const maxPayload = 1024 * 1024;

/** Answers upgrades to WebSocket with the first of our subprotocols that the client offers. */
export class WebSocketUpgrader {
  readonly #protocols: readonly string[];
  readonly #server: WebSocketServer;
  /** What was agreed on where the library would not take its name. */
  readonly #agreed = new WeakMap<IncomingMessage, string>();

  constructor(protocols: readonly string[]) {
    this.#protocols = protocols;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload,
      handleProtocols: (offered) => protocols.find((name) => offered.has(name)) ?? false,
    });
    this.#server.on('headers', (headers, request) => {
      const protocol = this.#agreed.get(request);
      if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
    });
  }

  /** Whether the request wants a WebSocket with a subprotocol that is spoken here, or with none. */
  accepts(request: IncomingMessage): boolean {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return false;
    const offered = offeredProtocols(request);
    return offered.length === 0 || offered.some((name) => this.#protocols.includes(name));
  }

  /** Upgrades the connection; a handshake that is wrong is answered with 400 and never resolves. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
    this.#agreeBesideLibrary(request);
    return new Promise((resolve) => this.#server.handleUpgrade(request, socket, head, resolve));
  }

  /**
   * `SPDY/3.1+portforward.k8s.io` is no token, as the name of a subprotocol has to be, and ws
   * refuses it; Kubernetes' clients have no other name for it.
   */
  #agreeBesideLibrary(request: IncomingMessage): void {
    const offered = offeredProtocols(request);
    const protocol = this.#protocols.find((name) => offered.includes(name));
    if (protocol === undefined || !protocol.includes('/')) return;
    this.#agreed.set(request, protocol);
    delete request.headers['sec-websocket-protocol'];
  }
}

function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'] ?? '';
  return header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
