import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { hasErrorCode } from '../errors.ts';
import { SocketAddress } from './socket-address.ts';
import type { ZygoteServer } from './zygote-server.ts';

/** Listens at a socket, unless another zygote does: several may be launched at the same time. */
export async function takeSocket(server: ZygoteServer, socket: string): Promise<boolean> {
  if (await isServed(socket)) return false;
  try {
    await server.listen(socket);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EADDRINUSE')) return false;
    throw error;
  }
}

/** Whether a zygote listens already. A socket nobody listens at is what a killed one has left. */
async function isServed(socket: string): Promise<boolean> {
  using address = new SocketAddress(socket);
  const probe = connect(address.path);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ECONNREFUSED')) rmSync(socket, { force: true });
    return false;
  } finally {
    probe.destroy();
  }
}
