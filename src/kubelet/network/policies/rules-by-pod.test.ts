import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPolicy } from './network-policies.ts';
import { PeerDirectory } from './peer-directory.ts';
import { type PeerPod, peerPods } from './peer-pods.ts';
import { podRules } from './pod-rules.ts';
import { RulesByPod } from './rules-by-pod.ts';

const nodes = ['10.77.0.1'];
const namespaces = ['shop', 'bank'].map((name) => ({ metadata: { name, labels: { name } } }));

function pod(namespace: string, role: string, number: number): PeerPod {
  return peerPods.parse({
    metadata: { name: `${role}-${number}`, namespace, labels: { role, number: String(number) } },
    // Replicas of a Deployment that is being updated may have another number for a port's name.
    spec: {
      containers: [{ ports: [{ name: 'http', containerPort: number === 3 ? 8081 : 8080 }] }],
    },
    status: { podIPs: [{ ip: `10.244.${namespace.length + role.length}.${number}` }] },
  });
}

function policy(namespace: string, name: string, spec: NetworkPolicy['spec']): NetworkPolicy {
  return { metadata: { name, namespace }, ...(spec && { spec }) };
}

const all = ['shop', 'bank'].flatMap((namespace) =>
  ['web', 'db', 'tool'].flatMap((role) => [1, 2, 3].map((number) => pod(namespace, role, number))),
);
const webToDb = { from: [{ podSelector: { matchLabels: { role: 'web' } } }] };
const policies = [
  policy('shop', 'db', {
    podSelector: { matchLabels: { role: 'db' } },
    ingress: [{ ...webToDb, ports: [{ port: 'http' }] }],
  }),
  policy('shop', 'second', {
    podSelector: { matchLabels: { number: '2' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 'http' }] }],
  }),
  policy('bank', 'db', { podSelector: { matchLabels: { role: 'db' } } }),
];
const ofNamespace = (namespace: string) =>
  policies.filter(({ metadata }) => metadata.namespace === namespace);

describe('RulesByPod', () => {
  it('has for each pod what its own rules are, whatever it shares with others', () => {
    const rules = new RulesByPod({
      policies: ofNamespace,
      peers: () => all,
      namespaces: () => namespaces,
      nodes,
    });
    for (const each of all) {
      const peers = new PeerDirectory(all, namespaces);
      const own = podRules(each, {
        policies: ofNamespace(each.metadata.namespace ?? ''),
        peers,
        nodes,
      });
      assert.equal(rules.of(each), own, each.metadata.name);
    }
    const kinds = new Set(all.map((each) => rules.of(each)));
    assert.equal(kinds.size, 6);
  });

  it('puts the rules of pods together once where they are the same', () => {
    let looks = 0;
    const seen = all.map((each) => ({
      ...each,
      get addresses() {
        looks++;
        return each.addresses;
      },
    }));
    const everybody = policy('shop', 'own', {
      podSelector: {},
      ingress: [{ from: [{ podSelector: {} }] }],
    });
    const rules = new RulesByPod({
      policies: () => [everybody],
      peers: () => seen,
      namespaces: () => namespaces,
      nodes,
    });
    const texts = (number: number) =>
      new Set(
        all
          .filter(({ labels, metadata: { namespace } }) => {
            return labels.number === String(number) && namespace === 'shop';
          })
          .map((each) => rules.of(each)),
      );
    assert.equal(texts(1).size, 1);
    const once = looks;
    assert.equal(texts(2).size, 1);
    assert.equal(looks, once);
  });

  it('asks for no peers where no policy selects the pod', () => {
    const rules = new RulesByPod({
      policies: () => policies.slice(0, 1),
      peers: () => assert.fail('asked'),
      namespaces: () => assert.fail('asked'),
      nodes,
    });
    assert.equal(rules.of(pod('shop', 'web', 1)), '');
  });
});
