import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeSystem } from '../native/native-system.ts';
import { DatagramFlows } from './datagram-flows.ts';
import { PeerRules } from './peer-rules.ts';
import { Routes } from './routes.ts';

const service = { address: '10.96.0.10', port: 53 };
const endpoint = { address: '10.244.0.2', port: 5353 };
const other = { address: '10.244.0.3', port: 5353 };
const stranger = { address: '10.244.0.4', port: 9 };
const second = 1_000_000_000n;

function openFlows(rules: string) {
  let now = 0n;
  let ready = endpoint;
  const native = new NativeSystem();
  const clocks = Object.assign(Object.create(native.clocks), { now: () => now });
  const peers = new PeerRules(rules, { addresses: [] });
  const routes = new Routes({
    services: {
      lead: (_protocol, { address }) => (address === service.address ? ready : undefined),
    },
    peers: {
      admits: (it) => peers.allows('ingress', it),
      lets: (it) => peers.allows('egress', it),
    },
  });
  return {
    flows: new DatagramFlows({ system: { ...native, clocks }, routes }),
    pass: (seconds: bigint) => (now += seconds * second),
    move: () => (ready = other),
  };
}

describe('DatagramFlows', () => {
  it('gives answers the name of the Service that was asked', () => {
    const { flows } = openFlows('');
    assert.deepEqual(flows.outgoing(service), { kind: 'open', to: endpoint });
    assert.deepEqual(flows.incoming(endpoint, 40_000), service);
    assert.deepEqual(flows.incoming(stranger, 40_000), stranger);
  });

  it('goes to another endpoint when the first is gone', () => {
    const { flows, move, pass } = openFlows('');
    flows.outgoing(service);
    move();
    assert.deepEqual(flows.outgoing(service), { kind: 'open', to: endpoint });
    pass(1n);
    assert.deepEqual(flows.outgoing(service), { kind: 'open', to: other });
    assert.deepEqual(flows.incoming(other, 40_000), service);
  });

  it('lets those answer whom a datagram was sent to, for a while', () => {
    const { flows, pass } = openFlows('isolates ingress');
    assert.equal(flows.incoming(stranger, 40_000), undefined);
    flows.outgoing(stranger);
    assert.deepEqual(flows.incoming(stranger, 40_000), stranger);
    pass(180n);
    assert.equal(flows.incoming(stranger, 40_000), undefined);
  });

  it('lets the guest answer those who were let in, and nobody else', () => {
    const { flows } = openFlows('isolates egress');
    assert.deepEqual(flows.outgoing(stranger), { kind: 'denied' });
    flows.incoming(stranger, 53);
    assert.deepEqual(flows.outgoing(stranger), { kind: 'open', to: stranger });
    assert.deepEqual(flows.outgoing(service), { kind: 'denied' });
  });
});
