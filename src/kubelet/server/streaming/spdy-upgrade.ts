import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a client asks for in the Upgrade header when it wants SPDY. */
export function wantsSpdy(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'spdy/3.1';
}

/**
 * Answers an upgrade to SPDY/3.1: with the first of the client's protocols that the server has,
 * or with 403 and the list of ours, as stock servers do.
 *
 * @returns the protocol, or `undefined` where the connection was refused and ended
 */
export function upgradeToSpdy<Protocol extends string>(
  request: IncomingMessage,
  socket: Duplex,
  supported: readonly Protocol[],
): Protocol | undefined {
  const offered = offeredProtocols(request);
  const protocol =
    offered.length === 0
      ? supported.at(-1)
      : supported.find((candidate) => offered.includes(candidate));
  if (protocol === undefined) {
    const accepted = supported.map((name) => `X-Accepted-Stream-Protocol-Versions: ${name}\r\n`);
    socket.end(`HTTP/1.1 403 Forbidden\r\n${accepted.join('')}Content-Length: 0\r\n\r\n`);
    return undefined;
  }
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n' +
      `X-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  return protocol;
}

function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headersDistinct['x-stream-protocol-version'] ?? [];
  return header.flatMap((line) => line.split(',')).map((name) => name.trim());
}
