import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports of the address that nobody listens on now, each another one. */
export async function freePorts(address: string, count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, address));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('Cannot find a free port');
    return bound.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A port of the address that nobody listens on now. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const [port = 0] = await freePorts(address, 1);
  return port;
}
