import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import {
  containerNetwork,
  guestHostname,
  isKubelet,
  type NodeNetworkFacts,
} from './container-network.ts';

const facts: NodeNetworkFacts = {
  dns: {
    clusterDNS: [],
    clusterDomain: 'cluster.local',
    host: { nameservers: [], searches: [], options: [] },
  },
  kubeletPorts: [10250, 10248],
  hostIPs: ['10.0.0.1', 'fd00::1'],
};

function guardedOf(over: Partial<NodeNetworkFacts>, ports: readonly number[] = []) {
  const pod = parsePod({
    metadata: { name: 'p', uid: 'u' },
    spec: {
      containers: [
        { name: 'c', image: 'i', ports: ports.map((containerPort) => ({ containerPort })) },
      ],
    },
  });
  return containerNetwork(pod, ['10.244.0.9'], { ...facts, ...over }).guarded;
}

describe('containerNetwork', () => {
  it("guards the kubelet's ports, at the node's addresses and at the pod's own", () => {
    assert.deepEqual(guardedOf({}), [
      { addresses: ['10.0.0.1', 'fd00::1'], ports: [10250, 10248] },
      { addresses: ['10.244.0.9'], ports: [10250, 10248] },
    ]);
  });

  it('guards them at every other address that the machine has at the time', () => {
    const [first] = guardedOf({ otherIPs: () => ['192.0.2.7', '10.0.0.1'] });
    assert.deepEqual(first?.addresses, ['10.0.0.1', 'fd00::1', '192.0.2.7']);
  });

  it('guards no port of the pod that one of its containers declares', () => {
    assert.deepEqual(guardedOf({}, [10250, 80])[1], { addresses: ['10.244.0.9'], ports: [10248] });
    assert.equal(guardedOf({}, [10250, 10248]).length, 1);
  });

  it('guards the API server where it is known by its address', () => {
    const apiServer = { address: '192.0.2.1', port: 6443 };
    assert.deepEqual(guardedOf({ apiServer }).at(-1), { addresses: ['192.0.2.1'], ports: [6443] });
  });

  it('guards nothing where there is nothing', () => {
    assert.deepEqual(guardedOf({ kubeletPorts: [], hostIPs: [] }), []);
  });
});

describe('isKubelet', () => {
  const table: readonly [address: string, port: number, expected: boolean][] = [
    ['10.0.0.1', 10250, true],
    ['192.0.2.7', 10248, true],
    ['10.0.0.1', 80, false],
    ['192.0.2.8', 10250, false],
  ];
  for (const [address, port, expected] of table) {
    it(`is ${expected} of ${address}, port ${port}`, () => {
      const all = { ...facts, otherIPs: () => ['192.0.2.7'] };
      assert.equal(isKubelet(all, address, port), expected);
    });
  }
});

describe('guestHostname', () => {
  const table: readonly [spec: object, expected: string][] = [
    [{}, 'web'],
    [{ hostname: 'front' }, 'front'],
    [{ hostname: 'front', subdomain: 'sub' }, 'front'],
    [{ subdomain: 'sub', setHostnameAsFQDN: true }, 'web.sub.shop.svc.cluster.local'],
    [{ hostname: 'front', hostNetwork: true }, hostname()],
  ];
  for (const [spec, expected] of table) {
    it(`is ${expected} for ${JSON.stringify(spec)}`, () => {
      const pod = parsePod({
        metadata: { name: 'web', namespace: 'shop', uid: 'u' },
        spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
      });
      assert.equal(guestHostname(pod, 'cluster.local'), expected);
    });
  }
});
