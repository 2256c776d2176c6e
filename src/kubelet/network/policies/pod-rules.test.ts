import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPolicy } from './network-policies.ts';
import { PeerDirectory } from './peer-directory.ts';
import { type PeerPod, peerPods } from './peer-pods.ts';
import { podRules } from './pod-rules.ts';

const nodes = ['10.77.0.1'];

function pod(name: string, namespace: string, ip: string, over: object = {}): PeerPod {
  const {
    labels = { app: name },
    ports = [],
    hostNetwork = false,
    phase = 'Running',
  } = over as {
    labels?: object;
    ports?: readonly object[];
    hostNetwork?: boolean;
    phase?: string;
  };
  return peerPods.parse({
    metadata: { name, namespace, labels },
    spec: { hostNetwork, containers: [{ ports }] },
    status: { phase, podIPs: [{ ip }] },
  });
}

const db = pod('db', 'default', '10.244.0.1', {
  labels: { role: 'db' },
  ports: [{ name: 'sql', containerPort: 6379 }],
});
const cluster = [
  db,
  pod('frontend', 'default', '10.244.0.2', { labels: { role: 'frontend' } }),
  pod('client', 'myproject', '10.244.1.1', {
    labels: { role: 'client' },
    ports: [{ name: 'sql', containerPort: 7000 }],
  }),
  pod('other', 'myproject', '10.244.1.2', { labels: { role: 'other' } }),
  pod('agent', 'default', '10.77.0.2', { labels: { role: 'frontend' }, hostNetwork: true }),
  pod('done', 'default', '10.244.0.3', { labels: { role: 'frontend' }, phase: 'Succeeded' }),
];
const namespaces = [
  { metadata: { name: 'default', labels: { 'kubernetes.io/metadata.name': 'default' } } },
  { metadata: { name: 'myproject', labels: { project: 'myproject' } } },
];

function rulesOf(...specs: readonly NetworkPolicy['spec'][]): string[] {
  const policies = specs.map((spec, index) => ({
    metadata: { name: `policy-${index}`, namespace: 'default' },
    ...(spec && { spec }),
  }));
  const peers = new PeerDirectory(cluster, namespaces);
  return podRules(db, { policies, peers, nodes }).split('\n').slice(0, -1);
}

const ofDb = { podSelector: { matchLabels: { role: 'db' } } };
const isolated = ['isolates ingress', 'isolates egress'];
const always = 'nodes 10.77.0.1';

describe('podRules', () => {
  const cases: readonly (readonly [
    what: string,
    specs: readonly NetworkPolicy['spec'][],
    lines: readonly string[],
  ])[] = [
    ['isolates nobody without a policy', [], []],
    [
      'leaves out policies that do not select the pod',
      [{ podSelector: { matchLabels: { role: 'web' } } }],
      [],
    ],
    [
      'default deny all ingress',
      [{ podSelector: {}, policyTypes: ['Ingress'] }],
      ['isolates ingress', always],
    ],
    [
      'allow all ingress',
      [{ podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] }],
      ['isolates ingress', 'ingress * *', always],
    ],
    [
      'default deny all egress',
      [{ podSelector: {}, policyTypes: ['Egress'] }],
      ['isolates egress', always],
    ],
    [
      'allow all egress',
      [{ podSelector: {}, egress: [{}], policyTypes: ['Egress'] }],
      ['isolates egress', 'egress * *', always],
    ],
    [
      'default deny all ingress and all egress',
      [{ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }],
      [...isolated, always],
    ],
    ['is about ingress where no type is named', [{ ...ofDb }], ['isolates ingress', always]],
    [
      'is about egress too where there are rules for it',
      [{ ...ofDb, egress: [{}] }],
      ['isolates ingress', 'isolates egress', 'egress * *', always],
    ],
    [
      "the documentation's test-network-policy",
      [
        {
          ...ofDb,
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: [
                { ipBlock: { cidr: '172.17.0.0/16', except: ['172.17.1.0/24'] } },
                { namespaceSelector: { matchLabels: { project: 'myproject' } } },
                { podSelector: { matchLabels: { role: 'frontend' } } },
              ],
              ports: [{ protocol: 'TCP', port: 6379 }],
            },
          ],
          egress: [
            {
              to: [{ ipBlock: { cidr: '10.0.0.0/24' } }],
              ports: [{ protocol: 'TCP', port: 5978 }],
            },
          ],
        },
      ],
      [
        'isolates ingress',
        'ingress TCP:6379 10.244.0.2 10.244.1.1 10.244.1.2',
        'ingress TCP:6379 172.17.0.0/16 !172.17.1.0/24',
        'isolates egress',
        'egress TCP:5978 10.0.0.0/24',
        always,
      ],
    ],
    [
      'one peer with both selectors means pods that are selected by both',
      [
        {
          ...ofDb,
          ingress: [
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { project: 'myproject' } },
                  podSelector: { matchLabels: { role: 'client' } },
                },
              ],
            },
          ],
        },
      ],
      ['isolates ingress', 'ingress * 10.244.1.1', always],
    ],
    [
      'two peers mean either',
      [
        {
          ...ofDb,
          ingress: [
            {
              from: [
                { namespaceSelector: { matchLabels: { project: 'myproject' } } },
                { podSelector: { matchLabels: { role: 'client' } } },
              ],
            },
          ],
        },
      ],
      ['isolates ingress', 'ingress * 10.244.1.1 10.244.1.2', always],
    ],
    [
      'an empty namespaceSelector means all namespaces, an empty podSelector the own one',
      [
        {
          ...ofDb,
          ingress: [{ from: [{ namespaceSelector: {} }] }, { from: [{ podSelector: {} }] }],
        },
      ],
      [
        'isolates ingress',
        'ingress * 10.244.0.1 10.244.0.2 10.244.1.1 10.244.1.2',
        'ingress * 10.244.0.1 10.244.0.2',
        always,
      ],
    ],
    [
      'a range of ports',
      [
        {
          ...ofDb,
          policyTypes: ['Egress'],
          egress: [
            {
              to: [{ ipBlock: { cidr: '10.0.0.0/24' } }],
              ports: [{ protocol: 'TCP', port: 32_000, endPort: 32_768 }, { protocol: 'UDP' }],
            },
          ],
        },
      ],
      ['isolates egress', 'egress TCP:32000-32768,UDP:* 10.0.0.0/24', always],
    ],
    [
      'names of ports are those of the pod that is asked',
      [
        {
          ...ofDb,
          ingress: [{ ports: [{ port: 'sql' }] }, { ports: [{ port: 'nothing' }] }],
          egress: [
            {
              to: [{ namespaceSelector: {} }],
              ports: [{ port: 'sql' }, { port: 53, protocol: 'UDP' }],
            },
          ],
        },
      ],
      [
        'isolates ingress',
        'ingress TCP:6379 *',
        'isolates egress',
        'egress UDP:53 10.244.0.1 10.244.0.2 10.244.1.1 10.244.1.2',
        'egress TCP:6379 10.244.0.1',
        'egress TCP:7000 10.244.1.1',
        always,
      ],
    ],
    [
      'a rule for SCTP alone allows nothing here',
      [{ ...ofDb, ingress: [{ ports: [{ protocol: 'SCTP', port: 7 }] }] }],
      ['isolates ingress', always],
    ],
    [
      'rules of several policies add up',
      [
        { podSelector: {} },
        { ...ofDb, ingress: [{ from: [{ podSelector: { matchLabels: { role: 'frontend' } } }] }] },
      ],
      ['isolates ingress', 'ingress * 10.244.0.2', always],
    ],
    [
      'expressions of a selector',
      [
        {
          podSelector: { matchExpressions: [{ key: 'role', operator: 'NotIn', values: ['web'] }] },
          ingress: [
            {
              from: [
                {
                  namespaceSelector: { matchExpressions: [{ key: 'project', operator: 'Exists' }] },
                  podSelector: {
                    matchExpressions: [{ key: 'role', operator: 'In', values: ['other', 'x'] }],
                  },
                },
              ],
            },
          ],
        },
      ],
      ['isolates ingress', 'ingress * 10.244.1.2', always],
    ],
  ];
  for (const [what, specs, lines] of cases) {
    it(what, () => assert.deepEqual(rulesOf(...specs), lines));
  }
});
