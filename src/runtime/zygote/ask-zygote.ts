import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import * as v from 'valibot';
import { hasErrorCode } from '../errors.ts';
import { readLine } from './read-line.ts';
import { SocketAddress } from './socket-address.ts';
import {
  giveUpLine,
  releaseLine,
  type ZygoteReply,
  type ZygoteRequest,
  zygoteReplySchema,
} from './zygote-protocol.ts';

/** All optional. */
export interface AskOptions {
  /** What a start that is held waits for. */
  readonly ready?: Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request to the zygote that listens at `socket`. `undefined` where none does, or where
 * it ended before it answered: what it had begun is then known by the container's directory.
 *
 * @throws the signal's reason, after which the request may still be carried out; and that of `ready`,
 *   after which what was held is given up
 */
export async function askZygote(
  socket: string,
  request: ZygoteRequest,
  { ready, signal }: AskOptions = {},
): Promise<ZygoteReply | undefined> {
  using connection = await connectTo(socket);
  if (connection === undefined) return undefined;
  connection.socket.write(`${JSON.stringify(request)}\n`);
  const reply = readReply(connection.socket, signal);
  if (ready !== undefined) {
    try {
      await Promise.race([ready, reply]); // what cannot be prepared is told at once
    } catch (error) {
      connection.socket.write(`${giveUpLine}\n`);
      await reply; // nothing is left then
      throw error;
    }
    connection.socket.write(`${releaseLine}\n`);
  }
  const line = await reply;
  return line === undefined ? undefined : v.parse(zygoteReplySchema, JSON.parse(line));
}

async function readReply(socket: Socket, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return await readLine(socket, { signal });
  } catch (error) {
    if (hasErrorCode(error, 'ECONNRESET', 'EPIPE')) return undefined;
    throw error;
  }
}

/** The directory of the sockets may not exist yet. */
function openAddress(path: string): SocketAddress | undefined {
  try {
    return new SocketAddress(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function connectTo(path: string): Promise<(Disposable & { socket: Socket }) | undefined> {
  using address = openAddress(path);
  if (address === undefined) return undefined;
  const socket = connect(address.path);
  try {
    await once(socket, 'connect');
    socket.on('error', () => {}); // whoever reads hears of it
    return { socket, [Symbol.dispose]: () => socket.destroy() };
  } catch (error) {
    socket.destroy();
    // The last where it was killed between the two halves of connecting.
    if (hasErrorCode(error, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET')) return undefined;
    throw new Error(`Cannot reach the zygote at '${path}'`, { cause: error });
  }
}
