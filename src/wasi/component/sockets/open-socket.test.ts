import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeNetworkSockets } from '../../native/native-network-sockets.ts';
import { NativeSystem } from '../../native/native-system.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Resolver } from '../dns/resolver.ts';
import { EgressPolicy } from '../http/egress-policy.ts';
import { GuestNetwork } from './guest-network.ts';
import { OpenSocket } from './open-socket.ts';

describe('OpenSocket', () => {
  const [system, sockets] = [new NativeSystem(), new NativeNetworkSockets()];
  const resolver = new Resolver({ system, sockets });
  const components = { sockets, resolver, policy: new EgressPolicy() };
  const network = new GuestNetwork(components, { addresses: ['127.0.0.2'] });
  const open = () => new OpenSocket({ system, network }, sockets.open('udp', 'ipv4'));

  it('is open until the last that uses it has released it', () => {
    const socket = open();
    socket.retain().release();
    assert.equal(socket.writable.ready(), true);
    socket.release();
    assert.throws(() => socket.handle, GuestTrap);
  });

  it('does nothing any more with a number that is that of another socket by then', () => {
    const closed = open();
    const { handle, readable, writable } = closed;
    closed.release();
    const another = open();
    assert.equal(another.handle, handle);
    assert.throws(() => closed.retain(), GuestTrap);
    for (const readiness of [readable, writable]) {
      assert.throws(() => readiness.ready(), GuestTrap);
      assert.throws(() => readiness.source(), GuestTrap);
    }
    another.release();
  });
});
