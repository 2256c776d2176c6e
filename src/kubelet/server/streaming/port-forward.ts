import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../../kubernetes/message-of.ts';
import type { AbortOptions } from '../../provider.ts';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';

export const portForwardProtocols = ['portforward.k8s.io'] as const;

/** Opens a connection to a port of the pod. */
export type Dial = (port: number, options: AbortOptions) => Promise<Duplex>;

/** How long a client may leave a pair of streams incomplete, in milliseconds. */
const pairTimeout = 30_000;

interface Pair {
  readonly port: number;
  error?: SpdyStream;
  data?: SpdyStream;
  readonly timer: NodeJS.Timeout;
}

/**
 * Serves a port-forward over SPDY until the client ends it: a pair of streams for every
 * connection, one for its bytes and one that says why it failed.
 */
export async function servePortForward(
  transport: Duplex,
  dial: Dial,
  { signal }: AbortOptions = {},
): Promise<void> {
  const pairs = new Map<string, Pair>();
  const connection = new SpdyConnection({
    transport,
    onStream: (stream) => {
      const pair = addToPair(stream, pairs);
      if (pair?.data === undefined || pair.error === undefined) return;
      // Every failure of one connection is told to its client and ends there.
      void forward(pair.data, pair.error, pair.port, dial, signal);
    },
  });
  try {
    await connection.run(signal === undefined ? {} : { signal });
  } finally {
    for (const pair of pairs.values()) clearTimeout(pair.timer);
  }
}

/**
 * Connects to a port of the pod at its address; errors read as kubectl's users know them.
 *
 * @param ports those that are the pod's there @default all
 */
export function dialAddress(host: string, ports?: ReadonlySet<number>): Dial {
  return async (port, { signal }) => {
    if (ports?.has(port) === false) {
      throw new Error(`the pod shares the node's address: declare ${port} as a containerPort`);
    }
    const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
    try {
      await once(socket, 'connect', signal === undefined ? {} : { signal });
    } catch (cause) {
      socket.destroy();
      throw new Error(`failed to connect to ${host}:${port} inside the pod`, { cause });
    }
    return socket;
  };
}

function addToPair(stream: SpdyStream, pairs: Map<string, Pair>): Pair | undefined {
  const type = stream.header('streamtype');
  const port = Number(stream.header('port'));
  if ((type !== 'error' && type !== 'data') || !isPort(port)) {
    stream.refuse();
    return undefined;
  }
  // Old clients send no id: they open the error stream first and the data stream right after.
  const id = stream.header('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2);
  const pair = pairs.get(id) ?? newPair(id, port, pairs);
  if (pair[type] !== undefined || pair.port !== port) {
    stream.refuse();
    return undefined;
  }
  stream.accept();
  stream.on('error', () => {});
  pair[type] = stream;
  if (pair.data === undefined || pair.error === undefined) return pair;
  clearTimeout(pair.timer);
  pairs.delete(id);
  return pair;
}

function newPair(id: string, port: number, pairs: Map<string, Pair>): Pair {
  const timer = setTimeout(() => {
    pairs.delete(id);
    pair.error?.destroy();
    pair.data?.destroy();
  }, pairTimeout);
  const pair: Pair = { port, timer };
  pairs.set(id, pair);
  return pair;
}

/** Forwards one connection to its end; what fails is told to the client on `error`. */
export async function forward(
  data: Duplex,
  error: Duplex,
  port: number,
  dial: Dial,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const target = await dial(port, signal === undefined ? {} : { signal });
    await carry(data, target);
    error.end();
  } catch (failure) {
    error.end(portForwardFailure(port, failure));
    data.destroy();
  }
}

/**
 * Carries bytes both ways until the pod has said all it says. How a connection ends that was open
 * is between its two ends: it is no failure of the forwarding, at which kubectl would give up.
 */
async function carry(data: Duplex, target: Duplex): Promise<void> {
  data.pipe(target);
  target.on('error', () => {}); // `pipeline` sees it as well
  try {
    await pipeline(target, data);
  } catch {
    data.destroy();
  } finally {
    target.destroy();
    // Nobody hears what the client still says; its end is waited for so that the stream closes.
    data.resume();
  }
}

function portForwardFailure(port: number, failure: unknown): string {
  const detail = messageOf(failure);
  const cause =
    failure instanceof Error && failure.cause instanceof Error ? failure.cause : undefined;
  return `error forwarding port ${port} to pod: ${detail}${cause ? `: ${cause.message}` : ''}`;
}

/** Whether a number is that of a port. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}
