import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpError } from '../http/http-error.ts';

/** Whether the client asks for SPDY. */
export function wantsSpdy(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'spdy/3.1';
}

/**
 * Answers an upgrade to SPDY/3.1 with the first of our protocols that the client offers; one that
 * offers none is taken to speak the oldest.
 *
 * @returns the protocol
 * @throws {HttpError} Forbidden where the client offers only others
 */
export function upgradeToSpdy<Protocol extends string>(
  request: IncomingMessage,
  socket: Duplex,
  supported: readonly [Protocol, ...Protocol[]],
): Protocol {
  const offered = offeredProtocols(request);
  const oldest = supported.at(-1);
  const protocol =
    offered.length === 0 ? oldest : supported.find((candidate) => offered.includes(candidate));
  if (protocol === undefined) {
    throw new HttpError(
      'Forbidden',
      `unable to upgrade: '${offered.join(', ')}' is not spoken here, use ${supported.join(', ')}`,
    );
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
