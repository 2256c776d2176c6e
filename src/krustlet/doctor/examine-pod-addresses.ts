import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Finding } from './finding.ts';

const standaloneAddress = '127.64.0.1';
const netAdmin = 1n << 12n;

/** Whether pods can have addresses of their own. */
export async function examinePodAddresses(): Promise<Finding> {
  const part = 'pod addresses';
  if (!(await canListenOn(standaloneAddress))) {
    return {
      part,
      state: 'missing',
      found: `${standaloneAddress} is not local`,
      cost: 'pods cannot listen: standalone pods have addresses in 127.64.0.0/16',
    };
  }
  if (hasNetAdmin()) return { part, state: 'ok', found: '127.64.0.0/16, and routes may be set' };
  return {
    part,
    state: 'limited',
    found: '127.64.0.0/16, but routes may not be set',
    cost: 'a node in a cluster cannot give pods addresses that others reach; needs CAP_NET_ADMIN',
  };
}

async function canListenOn(address: string): Promise<boolean> {
  const server = net.createServer();
  const listening = Promise.withResolvers<boolean>();
  server.once('error', () => listening.resolve(false));
  server.listen(0, address, () => listening.resolve(true));
  const isLocal = await listening.promise;
  server.close();
  return isLocal;
}

function hasNetAdmin(): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & netAdmin) !== 0n;
}
