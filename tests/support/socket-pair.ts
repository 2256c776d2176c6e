import { once } from 'node:events';
import net from 'node:net';

/** The two ends of a TCP connection on loopback; halves may be closed one by one. */
export async function socketPair(): Promise<[net.Socket, net.Socket]> {
  const listener = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no TCP address');
  const near = net.connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = await once(listener, 'connection');
  listener.close();
  return [near, far];
}
