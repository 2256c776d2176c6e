import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { describe, it } from 'node:test';
import { systemClock } from '../../kubernetes/clock.ts';
import { StatsCollector } from './stats-collector.ts';

describe('StatsCollector', () => {
  const directory = os.tmpdir();
  const collector = new StatsCollector(
    {
      clock: systemClock,
      log: console,
      pods: () => [
        {
          ...{ namespace: 'default', name: 'p', uid: 'u' },
          startedAt: new Date(),
          containers: [],
          volumes: [{ name: 'v', directory: import.meta.dirname }],
        },
      ],
    },
    { nodeName: 'n', dataDir: directory, imagesDir: directory },
  );

  it('measures the node and the volumes of its pods', async () => {
    const { memory, nodeFilesystem, pods } = await collector.collect();
    assert.equal(memory.totalBytes, os.totalmem());
    assert.ok(nodeFilesystem.capacityBytes > nodeFilesystem.usedBytes);
    const [volume] = pods[0]?.volumes ?? [];
    assert.ok(volume && volume.usedBytes > 1_000 && volume.inodes > 2);
  });

  it('tells how the node waits where the kernel counts that, and only where it is asked', async () => {
    const counted = existsSync('/proc/pressure/cpu') ? ['cpu', 'memory', 'io'] : [];
    assert.deepEqual(Object.keys((await collector.collect()).pressure), counted);
    const { pressure, pods } = await collector.collect({ volumes: false, pressure: false });
    assert.deepEqual(pressure, {});
    assert.deepEqual(pods[0]?.volumes, []);
  });

  it('leaves out what cannot be measured, tells of it once, and measures all else', async () => {
    const told: string[] = [];
    const unmeasurable = { name: 'broken', directory: 'nowhere\0' };
    const measurable = { name: 'v', directory: import.meta.dirname };
    const podOf = (name: string, volumes: readonly (typeof measurable)[]) => ({
      ...{ namespace: 'default', name, uid: name, startedAt: new Date(), containers: [], volumes },
    });
    const several = new StatsCollector(
      {
        clock: systemClock,
        log: { warn: (message) => told.push(message) },
        pods: () => [podOf('a', [unmeasurable, measurable]), podOf('b', [measurable])],
      },
      { nodeName: 'n', dataDir: directory, imagesDir: directory },
    );
    for (const _round of [1, 2]) {
      const { pods } = await several.collect();
      assert.deepEqual(
        pods.map(({ name, volumes }) => [name, ...volumes.map((volume) => volume.name)]),
        [
          ['a', 'v'],
          ['b', 'v'],
        ],
      );
    }
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /^Cannot measure "broken" of pod "default\/a": /);
  });
});
