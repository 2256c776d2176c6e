import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { CommandStatus } from './command-status.ts';
import type { RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { terminalSizes } from './terminal-sizes.ts';
import { WebSocketChannels } from './websocket-channels.ts';

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** Subprotocols in the order of preference. */
export const webSocketCommandProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
] as const;

/** An exec or attach over WebSocket; `socket.protocol` is what was agreed on. */
export function webSocketRemoteCommand(
  socket: WebSocket,
  options: RemoteCommandOptions,
): RemoteCommand {
  const channels = new WebSocketChannels(
    { socket, count: 5 },
    {
      base64: socket.protocol.includes('base64'),
      halfClose: socket.protocol.startsWith('v5.'),
      incoming: incomingChannels(options),
    },
  );
  const gone = new AbortController();
  socket.once('close', () => gone.abort(new Error('serve command: the client is gone')));
  channels.announce(firstOutput(options));
  const wanted = (use: boolean, number: number) => (use ? channels.channel(number) : undefined);
  return {
    stdin: wanted(options.stdin, channel.stdin),
    stdout: wanted(options.stdout, channel.stdout),
    stderr: wanted(options.stderr, channel.stderr),
    resize: options.tty ? terminalSizes(channels.channel(channel.resize)) : undefined,
    signal: gone.signal,
    async finish(status) {
      await writeStatus(channels.channel(channel.error), statusText(socket.protocol, status));
      channels.close();
      if (socket.readyState !== socket.CLOSED) await once(socket, 'close');
    },
  };
}

function incomingChannels({ stdin, tty }: RemoteCommandOptions): readonly number[] {
  return [...(stdin ? [channel.stdin] : []), ...(tty ? [channel.resize] : [])];
}

function firstOutput(options: RemoteCommandOptions): number {
  if (options.stdout) return channel.stdout;
  return options.stderr ? channel.stderr : channel.error;
}

/** Protocols before v4 know no Status: a failure is its message, a success is silence. */
function statusText(protocol: string, status: CommandStatus): string {
  if (/^v[45]\./.test(protocol)) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

function writeStatus(error: Duplex, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (text === '' || error.destroyed) resolve();
    else error.write(text, () => resolve());
  });
}
