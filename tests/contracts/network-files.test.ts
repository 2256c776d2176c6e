import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PeerDirectory } from '../../src/kubelet/network/policies/peer-directory.ts';
import { peerPods } from '../../src/kubelet/network/policies/peer-pods.ts';
import { podRules } from '../../src/kubelet/network/policies/pod-rules.ts';
import { serviceFiles } from '../../src/kubelet/network/services/service-files.ts';
import { errno } from '../../src/wasi/errno.ts';
import { NativeSystem } from '../../src/wasi/native/native-system.ts';
import { PeerRules } from '../../src/wasi/network/peer-rules.ts';
import { ServiceTable } from '../../src/wasi/network/service-table.ts';

describe('files about the network, written by the node and read by containers', () => {
  it('say where a Service leads', () => {
    const spec = {
      clusterIPs: ['10.96.0.7', 'fd00:96::7'],
      ports: [
        { name: 'web', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    };
    const ports = [
      { name: 'web', port: 8080 },
      { name: 'dns', port: 1053, protocol: 'UDP' },
    ];
    const slices = (['IPv4', 'IPv6'] as const).map((addressType, index) => ({
      metadata: { name: addressType },
      addressType,
      endpoints: [{ addresses: [['10.244.0.1', 'fd00:244::1'][index] ?? ''] }],
      ports,
    }));
    const init = { nodeName: 'here', mayLeadTo: () => true };
    const files = serviceFiles({ metadata: { name: 'both' }, spec }, slices, init);
    const read = (name: string) => files.get(name) ?? -errno.noent;
    const table = new ServiceTable(
      { system: new NativeSystem(), files: { read } },
      { client: '10.244.0.9' },
    );
    const lead = (protocol: 'TCP' | 'UDP', address: string, port: number) =>
      table.lead(protocol, { address, port });
    assert.deepEqual(lead('TCP', '10.96.0.7', 80), { address: '10.244.0.1', port: 8080 });
    assert.deepEqual(lead('UDP', 'fd00:96::7', 53), { address: 'fd00:244::1', port: 1053 });
    assert.equal(lead('TCP', '10.96.0.7', 53), 'none');
    assert.equal(lead('TCP', '10.244.0.1', 80), undefined);
  });

  it('say whom a pod may talk to', () => {
    const [web, friend] = ['10.244.0.1', '10.244.0.2'].map((ip, index) =>
      peerPods.parse({
        metadata: { name: `pod-${index}`, namespace: 'shop', labels: { index: String(index) } },
        spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
        status: { podIPs: [{ ip }] },
      }),
    );
    assert.ok(web && friend);
    const from = [
      { podSelector: { matchLabels: { index: '1' } } },
      { ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.64/26'] } },
    ];
    const ingress = [{ from, ports: [{ port: 'http' }] }];
    const text = podRules(web, {
      policies: [{ metadata: { name: 'web', namespace: 'shop' }, spec: { ingress } }],
      peers: new PeerDirectory([web, friend], [{ metadata: { name: 'shop' } }]),
      nodes: ['10.77.0.1'],
    });
    const rules = new PeerRules(text, { addresses: web.addresses });
    const admits = (address: string, port = 8080) =>
      rules.allows('ingress', { protocol: 'TCP', address, port });
    const asked = [
      '10.244.0.2',
      '10.244.0.3',
      '192.0.2.1',
      '192.0.2.65',
      '10.77.0.1',
      '10.244.0.1',
    ];
    assert.deepEqual(
      asked.map((address) => admits(address)),
      [true, false, true, false, true, true],
    );
    assert.equal(admits('10.244.0.2', 8081), false);
    const anywhere = { protocol: 'TCP', address: '192.0.2.65', port: 80 } as const;
    assert.equal(rules.allows('egress', anywhere), true);
  });
});
