import type { WebSocket } from 'ws';
import type { AbortOptions } from '../../provider.ts';
import { type Dial, forward, isPort } from './port-forward.ts';
import { WebSocketChannels } from './websocket-channels.ts';

/** What clients speak that are older than SPDY within WebSocket, and libraries to this day. */
export const channelPortForwardProtocols = [
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
] as const;

/** Most ports that one connection forwards: a message has a byte for the number of its channel. */
const maxPorts = 100;

/**
 * Reads the ports that a request names, in parameters of their own or with commas between them.
 *
 * @throws {RangeError} where it names none, too many, or something else
 */
export function parsePorts(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('port').flatMap((value) => value.split(','));
  if (texts.length === 0) throw new RangeError("read query: 'port' is required");
  if (texts.length > maxPorts) throw new RangeError(`read query: over ${maxPorts} ports`);
  return texts.map((text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (isPort(port)) return port;
    throw new RangeError(`read query: port '${text}': use a number from 1 to 65535`);
  });
}

/**
 * Serves one connection to each port: two channels each, for its bytes and for why it failed. Each
 * begins with the port's number. Ends when all connections have.
 */
export async function servePortChannels(
  socket: WebSocket,
  ports: readonly number[],
  dial: Dial,
  { signal }: AbortOptions = {},
): Promise<void> {
  const base64 = socket.protocol.includes('base64');
  const incoming = ports.map((_port, index) => index * 2);
  const channels = new WebSocketChannels({ socket, count: ports.length * 2 }, { base64, incoming });
  const forwards = ports.map(async (port, index) => {
    const [data, error] = [channels.channel(index * 2), channels.channel(index * 2 + 1)];
    const number = Buffer.from(Uint16Array.of(port).buffer);
    for (const channel of [data, error]) channel.write(number);
    await forward(data, error, port, dial, signal);
  });
  await Promise.all(forwards);
  channels.close();
}
