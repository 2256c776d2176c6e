import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeCondition, NodeStatus } from '../../../kubernetes/resources/node.ts';
import { nodeEvents } from './node-events.ts';

const metadata = { name: 'wasm-1' };
const condition = (type: string, status: NodeCondition['status']) => ({ type, status });
const bootedAs = (bootID: string): NodeStatus => ({
  nodeInfo: {
    ...{ machineID: '', systemUUID: '', bootID, kernelVersion: '', osImage: '' },
    ...{ containerRuntimeVersion: '', kubeletVersion: '', kubeProxyVersion: '' },
    ...{ operatingSystem: '', architecture: '' },
  },
});
const reasonsOf = (before: NodeStatus | undefined, after: NodeStatus) =>
  nodeEvents({ metadata, ...(before && { status: before }) }, after).map(({ reason }) => reason);

describe('nodeEvents', () => {
  it('tells of each condition when it is known first, and when it turns', () => {
    const healthy = [condition('DiskPressure', 'False'), condition('Ready', 'True')];
    assert.deepEqual(nodeEvents({ metadata }, { conditions: healthy }), [
      {
        type: 'Normal',
        reason: 'NodeHasNoDiskPressure',
        message: 'Node wasm-1 status is now: NodeHasNoDiskPressure',
      },
      { type: 'Normal', reason: 'NodeReady', message: 'Node wasm-1 status is now: NodeReady' },
    ]);
    assert.deepEqual(reasonsOf({ conditions: healthy }, { conditions: healthy }), []);
    const full = [condition('DiskPressure', 'True'), condition('Ready', 'False')];
    assert.deepEqual(reasonsOf({ conditions: healthy }, { conditions: full }), [
      'NodeHasDiskPressure',
      'NodeNotReady',
    ]);
    const unknown = [condition('Ready', 'Unknown')];
    assert.deepEqual(
      reasonsOf({ conditions: unknown }, { conditions: [condition('Ready', 'True')] }),
      ['NodeReady'],
    );
  });

  it('tells of a boot since the last report', () => {
    assert.deepEqual(reasonsOf(bootedAs('a'), bootedAs('b')), ['Rebooted']);
    assert.deepEqual(reasonsOf(bootedAs('a'), bootedAs('a')), []);
    assert.deepEqual(reasonsOf(undefined, bootedAs('a')), []);
  });
});
