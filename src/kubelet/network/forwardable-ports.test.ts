import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import { forwardablePorts } from './forwardable-ports.ts';

const spec = {
  initContainers: [
    { name: 'i', image: 'i', restartPolicy: 'Always', ports: [{ containerPort: 90 }] },
  ],
  containers: [
    {
      name: 'a',
      image: 'i',
      ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }],
    },
    { name: 'b', image: 'i', ports: [{ containerPort: 81 }] },
    { name: 'c', image: 'i' },
  ],
};
const hostIPs = ['192.0.2.1', '2001:db8::1'];

describe('forwardablePorts', () => {
  const table: readonly (readonly [string, object, string, readonly number[] | undefined])[] = [
    ['at an address of its own', {}, '10.0.0.7', undefined],
    ["at the node's address", {}, '192.0.2.1', [80, 81, 90]],
    ["at the node's IPv6 address", {}, '2001:db8::1', [80, 81, 90]],
    ["in the node's network", { hostNetwork: true }, '192.0.2.1', undefined],
  ];
  for (const [where, more, address, expected] of table) {
    it(`are ${expected?.join() ?? 'all'} of a pod ${where}`, () => {
      const pod = parsePod({ metadata: { name: 'p' }, spec: { ...spec, ...more } });
      const ports = forwardablePorts(pod, address, hostIPs);
      assert.deepEqual(ports && [...ports].sort(), expected);
    });
  }
});
