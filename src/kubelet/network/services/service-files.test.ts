import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '../../cluster/core-resources.ts';
import type { EndpointSlice } from './endpoint-slices.ts';
import { serviceFiles } from './service-files.ts';

const init = { nodeName: 'here', mayLeadTo: () => true };

function service(spec: Service['spec']): Service {
  return {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [{ port: 80 }], ...spec },
  };
}

function slice(
  endpoints: EndpointSlice['endpoints'],
  over: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: endpoints ?? [],
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    ...over,
  };
}

const two = [{ addresses: ['10.244.0.2'] }, { addresses: ['10.244.0.1'] }];

describe('serviceFiles', () => {
  const cases: readonly {
    readonly what: string;
    readonly spec?: Service['spec'];
    readonly slices: readonly EndpointSlice[];
    readonly files: Readonly<Record<string, string>>;
  }[] = [
    {
      what: 'leads to all endpoints that are ready, on the port that they have',
      slices: [slice(two)],
      files: { '10.96.0.7': 'TCP 80 0 10.244.0.1 8080 10.244.0.2 8080\n' },
    },
    {
      what: 'puts slices together, and an endpoint that is in two of them once',
      slices: [slice(two), slice([{ addresses: ['10.244.0.2'] }])],
      files: { '10.96.0.7': 'TCP 80 0 10.244.0.1 8080 10.244.0.2 8080\n' },
    },
    {
      what: 'leads nowhere without endpoints',
      slices: [],
      files: { '10.96.0.7': 'TCP 80 0\n' },
    },
    {
      what: 'leaves out who is not ready',
      slices: [
        slice([
          { addresses: ['10.244.0.1'], conditions: { ready: false } },
          { addresses: ['10.244.0.2'], conditions: { ready: true } },
          {
            addresses: ['10.244.0.3'],
            conditions: { serving: true, terminating: true, ready: false },
          },
        ]),
      ],
      files: { '10.96.0.7': 'TCP 80 0 10.244.0.2 8080\n' },
    },
    {
      what: 'leads to who serves while it ends, where nobody else is left',
      slices: [
        slice([
          { addresses: ['10.244.0.1'], conditions: { ready: false, serving: false } },
          {
            addresses: ['10.244.0.3'],
            conditions: { serving: true, terminating: true, ready: false },
          },
        ]),
      ],
      files: { '10.96.0.7': 'TCP 80 0 10.244.0.3 8080\n' },
    },
    {
      what: 'finds ports by their names',
      spec: {
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
          { name: 'sctp', port: 7, protocol: 'SCTP' },
        ],
      },
      slices: [
        slice([{ addresses: ['10.244.0.1'] }], {
          ports: [
            { name: 'metrics', port: 9000, protocol: 'TCP' },
            { name: 'dns', port: 1053, protocol: 'UDP' },
          ],
        }),
      ],
      files: { '10.96.0.7': 'UDP 53 0 10.244.0.1 1053\nTCP 9153 0 10.244.0.1 9000\n' },
    },
    {
      what: 'keeps families apart',
      spec: { clusterIPs: ['10.96.0.7', 'FD00:96::0:7'] },
      slices: [
        slice([{ addresses: ['10.244.0.1'] }]),
        slice([{ addresses: ['fd00:244:0::1'] }], { addressType: 'IPv6' }),
      ],
      files: {
        '10.96.0.7': 'TCP 80 0 10.244.0.1 8080\n',
        'fd00:96::7': 'TCP 80 0 fd00:244::1 8080\n',
      },
    },
    {
      what: 'stays on the node where internalTrafficPolicy is Local',
      spec: { internalTrafficPolicy: 'Local' },
      slices: [
        slice([
          { addresses: ['10.244.0.1'], nodeName: 'here' },
          { addresses: ['10.244.1.1'], nodeName: 'there' },
        ]),
      ],
      files: { '10.96.0.7': 'TCP 80 0 10.244.0.1 8080\n' },
    },
    {
      what: 'says how long clients stay',
      spec: {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      },
      slices: [slice([{ addresses: ['10.244.0.1'] }])],
      files: { '10.96.0.7': 'TCP 80 60 10.244.0.1 8080\n' },
    },
    {
      what: 'knows three hours as the stock time',
      spec: { sessionAffinity: 'ClientIP' },
      slices: [],
      files: { '10.96.0.7': 'TCP 80 10800\n' },
    },
    {
      what: 'has nothing to say of a headless Service',
      spec: { clusterIP: 'None', clusterIPs: ['None'] },
      slices: [slice(two)],
      files: {},
    },
  ];
  for (const { what, spec, slices, files } of cases) {
    it(what, () => {
      const made = serviceFiles(service(spec ?? {}), slices, init);
      assert.deepEqual(Object.fromEntries(made), files);
    });
  }

  it("leads to none of the node's own doors", () => {
    const mayLeadTo = (address: string) => address !== '10.244.0.1';
    const made = serviceFiles(service({}), [slice(two)], { ...init, mayLeadTo });
    assert.equal(made.get('10.96.0.7'), 'TCP 80 0 10.244.0.2 8080\n');
  });
});
