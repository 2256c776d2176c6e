import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import { type NodeDns, podDns } from './pod-dns.ts';
import { formatHosts, podHosts } from './pod-hosts.ts';
import { formatResolvConf, parseResolvConf } from './resolv-conf.ts';

const host = parseResolvConf(
  '# made by hand\nnameserver 192.0.2.53\nsearch corp.example\noptions rotate timeout:3\n',
);
const node: NodeDns = { clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local', host };

function pod(spec: object) {
  const containers = [{ name: 'c', image: 'i' }];
  const metadata = { name: 'web-0', namespace: 'shop', uid: 'u' };
  return parsePod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } });
}

const ofCluster =
  'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:5\n';
const ofHost = 'search corp.example\nnameserver 192.0.2.53\noptions rotate timeout:3\n';

describe('podDns', () => {
  for (const [spec, expected] of [
    [{}, ofCluster],
    [{ dnsPolicy: 'ClusterFirst', hostNetwork: true }, ofHost],
    [{ dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }, ofCluster],
    [{ dnsPolicy: 'Default' }, ofHost],
    [{ dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1'] } }, 'nameserver 192.0.2.1\n'],
    [
      { dnsConfig: { searches: ['x.example'], options: [{ name: 'ndots', value: '2' }] } },
      ofCluster.replace('corp.example', 'corp.example x.example').replace('ndots:5', 'ndots:2'),
    ],
  ] as const) {
    it(`gives ${JSON.stringify(spec)} its resolv.conf`, () => {
      assert.equal(formatResolvConf(podDns(pod(spec), node)), expected);
    });
  }

  it('resolves as the node does where the cluster has no DNS', () => {
    assert.equal(formatResolvConf(podDns(pod({}), { ...node, clusterDNS: [] })), ofHost);
  });
});

describe('podHosts', () => {
  it('names the pod by its hostname, subdomain and aliases', () => {
    const spec = {
      hostname: 'web',
      subdomain: 'all',
      hostAliases: [{ ip: '192.0.2.7', hostnames: ['a', 'b'] }],
    };
    assert.equal(
      formatHosts(podHosts(pod(spec), ['10.1.0.5'], 'cluster.local')),
      [
        '# Kubernetes-managed hosts file.',
        '127.0.0.1\tlocalhost',
        '::1\tlocalhost\tip6-localhost\tip6-loopback',
        '10.1.0.5\tweb.all.shop.svc.cluster.local\tweb',
        '192.0.2.7\ta\tb',
        '',
      ].join('\n'),
    );
  });
});
