import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PressureType } from '../../eviction/eviction-thresholds.ts';
import { nodeConditions } from './node-conditions.ts';
import { PressureMemory } from './pressure-memory.ts';

const none: ReadonlySet<PressureType> = new Set();
const well = { pressures: none, isShuttingDown: false };

describe('nodeConditions', () => {
  const summary = (health: Parameters<typeof nodeConditions>[0]): string[] =>
    nodeConditions(health, [], 'now').map(
      ({ type, status, reason }) => `${type}=${status} ${reason}`,
    );

  it('says that a node is well as a stock kubelet does', () => {
    assert.deepEqual(summary(well), [
      'MemoryPressure=False KubeletHasSufficientMemory',
      'DiskPressure=False KubeletHasNoDiskPressure',
      'PIDPressure=False KubeletHasSufficientPID',
      'Ready=True KubeletReady',
    ]);
  });

  it('says what is wrong', () => {
    const pressures = new Set(['DiskPressure'] as const);
    assert.ok(summary({ ...well, pressures }).includes('DiskPressure=True KubeletHasDiskPressure'));
    const troubled = nodeConditions({ ...well, trouble: 'no zygote' }, [], 'now').at(-1);
    assert.equal(troubled?.status, 'False');
    assert.equal(troubled?.message, 'no zygote');
  });

  it('keeps the time of the last transition while the status stays', () => {
    const first = nodeConditions(well, [], '1');
    const second = nodeConditions({ ...well, isShuttingDown: true }, first, '2');
    const times = second.map(({ lastTransitionTime, lastHeartbeatTime }) => [
      lastTransitionTime,
      lastHeartbeatTime,
    ]);
    assert.deepEqual(times, [
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
      ['2', '2'],
    ]);
  });
});

describe('PressureMemory', () => {
  it('reports pressure at once, and relief only when it lasts', () => {
    const memory = new PressureMemory(100);
    const disk = new Set(['DiskPressure'] as const);
    const reported = [
      memory.observe(none, 0),
      memory.observe(disk, 10),
      memory.observe(none, 60),
      memory.observe(disk, 70),
      memory.observe(none, 169),
      memory.observe(none, 170),
    ];
    assert.deepEqual(
      reported.map(({ size }) => size),
      [0, 1, 1, 1, 1, 0],
    );
  });
});
