import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NativeNetworkSockets } from '../../native/native-network-sockets.ts';
import { NativeSystem } from '../../native/native-system.ts';
import { Resolver } from '../dns/resolver.ts';
import { EgressPolicy, type EgressRule } from '../http/egress-policy.ts';
import { Cancellation } from '../io/cancellation.ts';
import { SuspendingWaiter } from '../io/suspending-waiter.ts';
import { GuestNetwork } from './guest-network.ts';
import { type NameServer, openNameServer, responseTo } from './testing/name-server.ts';

const [pod, server] = ['127.0.0.2', '127.0.0.5'];
const port = 5432;

describe('GuestNetwork', () => {
  const system = new NativeSystem();
  let names: NameServer;
  /** Where all names lead at this moment. */
  let address: string;
  before(async () => {
    names = await openNameServer(server, (query, _name, type) =>
      responseTo(query, type === 1 ? [address] : []),
    );
  });
  after(() => names[Symbol.asyncDispose]());

  function network(rules: readonly EgressRule[], addresses: readonly string[] = [pod]) {
    const sockets = new NativeNetworkSockets();
    const servers = [{ address: server, port: names.port }];
    const resolver = new Resolver({ system, sockets }, { servers, from: [pod] });
    const policy = new EgressPolicy(rules);
    const guest = new GuestNetwork({ sockets, resolver, policy }, { addresses });
    const waiter = new SuspendingWaiter(system);
    return {
      allows: (to: string, at = port) => guest.allowed({ address: to, port: at }).kind === 'ok',
      binds: (local: string) => guest.bindable({ address: local, port })?.address,
      lookUp: async (name: string, leadsTo: string) => {
        address = leadsTo;
        const resolution = guest.resolve(name);
        await waiter.wait([resolution.readiness], new Cancellation());
        assert.equal(resolution.outcome.kind, 'found');
      },
    };
  }

  it('lets a name lead to what this guest was told, and nowhere else', async () => {
    const { allows, lookUp } = network([{ hosts: ['db.example'], ports: [port] }]);
    assert.equal(allows('192.0.2.1'), false);
    await lookUp('db.example', '192.0.2.1');
    assert.deepEqual([allows('192.0.2.1'), allows('192.0.2.1', 80)], [true, false]);
    // The name leads elsewhere by now, which nobody has told the guest.
    address = '192.0.2.2';
    assert.equal(allows('192.0.2.2'), false);
    await lookUp('db.example', '192.0.2.2');
    assert.equal(allows('192.0.2.2'), true);
    // What another guest was told is nothing to this one.
    assert.equal(network([{ hosts: ['db.example'] }]).allows('192.0.2.1'), false);
  });

  it('lets no name that a rule does not allow open an address', async () => {
    const { allows, lookUp } = network([{ hosts: ['db.example'] }]);
    await lookUp('evil.example', '192.0.2.9');
    assert.equal(allows('192.0.2.9'), false);
  });

  it('lets no name lead to what is guarded', async () => {
    const { allows, lookUp } = network([{ hosts: ['*'] }]);
    for (const guarded of ['169.254.169.254', '127.0.0.9', '0.0.0.1']) {
      await lookUp('db.example', guarded);
      assert.equal(allows(guarded), false, guarded);
    }
  });

  it('forgets the oldest of more addresses than anybody needs', async () => {
    const { allows, lookUp } = network([{ hosts: ['db.example'] }]);
    for (let number = 0; number <= 4096; number++) {
      await lookUp('db.example', `198.51.${number >> 8}.${number & 255}`);
    }
    assert.deepEqual([allows('198.51.0.0'), allows('198.51.0.1')], [false, true]);
    assert.equal(allows('198.51.16.0'), true);
  });

  it('has the addresses of its pod, one of each family, whatever they are called', () => {
    const { allows, binds } = network([], ['10.244.0.9', 'fd00:244::9']);
    for (const [local, meant] of [
      ['0.0.0.0', '10.244.0.9'],
      ['127.0.0.1', '10.244.0.9'],
      ['127.8.8.8', '10.244.0.9'],
      ['10.244.0.9', '10.244.0.9'],
      ['10.244.0.10', undefined],
      ['::', 'fd00:244::9'],
      ['::1', 'fd00:244::9'],
      ['fd00:244::9', 'fd00:244::9'],
      ['fd00:244::a', undefined],
    ] as const) {
      assert.equal(binds(local), meant, local);
    }
    for (const own of ['10.244.0.9', '127.0.0.1', 'fd00:244::9', '::1']) {
      assert.equal(allows(own), true, own);
    }
    assert.equal(allows('10.244.0.10'), false);
    assert.equal(network([]).binds('::'), undefined); // a pod without IPv6
  });
});
