import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CgroupV2Hierarchy } from '../limits/cgroup-v2.ts';
import { containerUsage } from './container-usage.ts';
import { MemoryMeter } from './memory-meter.ts';

describe('containerUsage', () => {
  it('measures by the process where the cgroup is gone by now', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'cgroup-gone-'));
    mkdirSync(path.join(root, 'web'));
    const cgroup = new CgroupV2Hierarchy(root, ['memory']).open('web');
    rmSync(root, { recursive: true });
    const meters = { cgroup, meter: new MemoryMeter() };
    const usage = containerUsage(process.pid, meters, new Date()) ?? assert.fail();
    assert.ok(usage.memoryUsageBytes > 1_000_000, `${usage.memoryUsageBytes} bytes`);
    assert.equal(containerUsage(2 ** 22 + 1, meters, new Date()), undefined);
  });
});
