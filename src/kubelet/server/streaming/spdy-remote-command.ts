import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import type { CommandStatus } from './command-status.ts';
import type { RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { terminalSizes } from './terminal-sizes.ts';

/** Protocols in the order of preference. */
export const spdyCommandProtocols = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
] as const;

type SpdyCommandProtocol = (typeof spdyCommandProtocols)[number];

/** How long a client may take to open its streams, in milliseconds. */
const streamCreationTimeout = 30_000;

/**
 * An exec or attach over SPDY: the client opens one stream for each of the things it wants.
 *
 * @throws where the client is gone, or took too long, before it opened all of them
 */
export async function spdyRemoteCommand(
  transport: Duplex,
  protocol: SpdyCommandProtocol,
  options: RemoteCommandOptions,
): Promise<RemoteCommand> {
  const wanted = streamTypes(protocol, options);
  const streams = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const connection = new SpdyConnection({
    transport,
    onStream: (stream) => {
      takeStream(stream, wanted, streams);
      if (streams.size === wanted.length) complete.resolve();
    },
  });
  const gone = new AbortController();
  const running = connection
    .run()
    .then(() => new Error('serve command: the client is gone'))
    .catch((error) => error)
    .then((error) => gone.abort(error));
  gone.signal.addEventListener('abort', () => complete.reject(gone.signal.reason), { once: true });
  await withTimeout(complete.promise, connection);
  const resize = streams.get('resize');
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    resize: resize && terminalSizes(resize),
    signal: gone.signal,
    async finish(status) {
      await endAll(streams, statusText(protocol, status));
      connection.close();
      await running;
    },
  };
}

function streamTypes(protocol: SpdyCommandProtocol, options: RemoteCommandOptions): string[] {
  const resizable = protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io';
  return [
    'error',
    ...(options.stdin ? ['stdin'] : []),
    ...(options.stdout ? ['stdout'] : []),
    ...(options.stderr ? ['stderr'] : []),
    ...(options.tty && resizable ? ['resize'] : []),
  ];
}

function takeStream(
  stream: SpdyStream,
  wanted: readonly string[],
  streams: Map<string, SpdyStream>,
): void {
  const type = stream.header('streamtype') ?? '';
  if (!wanted.includes(type) || streams.has(type)) {
    stream.refuse();
    return;
  }
  stream.accept();
  // Whoever uses the stream sees it close; an unused one must not end the process.
  stream.on('error', () => {});
  streams.set(type, stream);
}

async function withTimeout(complete: Promise<void>, connection: SpdyConnection): Promise<void> {
  const timer = setTimeout(() => connection.close(), streamCreationTimeout);
  try {
    await complete;
  } finally {
    clearTimeout(timer);
  }
}

/** Protocols before v4 know no Status: a failure is its message, a success is silence. */
function statusText(protocol: SpdyCommandProtocol, status: CommandStatus): string {
  if (protocol === 'v4.channel.k8s.io') return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

/** Ends the output first, then reports on the error stream: that is when clients stop reading. */
async function endAll(streams: ReadonlyMap<string, SpdyStream>, report: string): Promise<void> {
  await Promise.all([streams.get('stdout'), streams.get('stderr')].map((stream) => end(stream)));
  await end(streams.get('error'), report);
}

async function end(stream: SpdyStream | undefined, last = ''): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableFinished) return;
  stream.end(last);
  await Promise.race([once(stream, 'finish'), once(stream, 'close')]);
}
