import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forbiddenLabels } from './node-labels.ts';

describe('forbiddenLabels', () => {
  const labels: readonly [string, boolean][] = [
    ['type', true],
    ['example.com/rack', true],
    ['notkubernetes.io/x', true],
    ['kubernetes.io/arch', true],
    ['kubernetes.io/os', true],
    ['topology.kubernetes.io/zone', true],
    ['node.kubernetes.io/anything', true],
    ['team.kubelet.kubernetes.io/x', true],
    ['kubernetes.io/role', false],
    ['node-role.kubernetes.io/worker', false],
    ['node-restriction.kubernetes.io/pci', false],
    ['apps.k8s.io/x', false],
  ];
  for (const [label, isAllowed] of labels) {
    it(`${isAllowed ? 'lets' : 'does not let'} a node set '${label}'`, () => {
      assert.deepEqual(forbiddenLabels({ [label]: '' }), isAllowed ? [] : [label]);
    });
  }
});
