import assert from 'node:assert/strict';
import { rmdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { guests } from '../../../tests/runtime/guests.ts';
import { TestRuntime, TestZygote } from '../../../tests/runtime/test-runtime.ts';
import type { RunningContainer } from '../running-container.ts';
import { findCgroups } from './find-cgroups.ts';

const mountPoint = '/sys/fs/cgroup';
const name = `krustlet-test-${process.pid}`;
const megabyte = 1024 * 1024;

const cgroups = findCgroups(mountPoint, name);
const unavailable = cgroups === undefined ? 'no cgroup can be made here' : false;

after(() => {
  for (const root of cgroups?.roots ?? []) rmdirSync(root);
});

function cpuShare(before: bigint, container: RunningContainer, seconds: number): number {
  return Number((container.usage()?.cpuNanos ?? 0n) - before) / 1e9 / seconds;
}

async function measuredShare(container: RunningContainer, seconds: number): Promise<number> {
  const before = container.usage()?.cpuNanos ?? assert.fail();
  const start = performance.now();
  await sleep(seconds * 1_000);
  return cpuShare(before, container, (performance.now() - start) / 1_000);
}

describe('findCgroups', { skip: unavailable }, () => {
  it('finds controllers that can be used', () => {
    assert.ok(cgroups);
    assert.ok(cgroups.controllers.length > 0);
  });

  it('finds none where nothing can be made', () => {
    assert.equal(findCgroups('/proc', name), undefined);
  });
});

const zygote = new TestZygote();
after(() => zygote[Symbol.asyncDispose]());

describe('ResourceLimits with cgroups', { skip: unavailable }, () => {
  it('reports OOMKilled where the kernel ends a guest for its memory', async () => {
    await using test = new TestRuntime({ zygote, cgroup: name });
    const container = await test.start(guests.touch(60), {
      limits: { memoryBytes: 60 * megabyte },
    });
    const { exitCode, signal, reason } = await container.exited;
    assert.deepEqual(
      { exitCode, signal, reason },
      { exitCode: 137, signal: 9, reason: 'OOMKilled' },
    );
  });

  it('holds a guest to its share of a core', async () => {
    await using test = new TestRuntime({ zygote, cgroup: name });
    const container = await test.start(guests.spin, { limits: { cpuMillis: 200 } });
    const share = await measuredShare(container, 1.5);
    assert.ok(share > 0.05 && share < 0.3, `${share} of a core`);
  });

  it('counts by cgroup and removes it with the end', async () => {
    await using test = new TestRuntime({ zygote, cgroup: name });
    const container = await test.start(guests.touch(20), {
      limits: { memoryBytes: 200 * megabyte, pids: 8 },
    });
    await sleep(300);
    const usage = container.usage() ?? assert.fail();
    assert.equal(usage.processes, 1);
    assert.ok(usage.memoryWorkingSetBytes > 18 * megabyte, `${usage.memoryWorkingSetBytes}`);
    await container.stop(0);
    assert.equal(cgroups?.open(container.id), undefined);
  });
});

describe('CpuDutyCycle', () => {
  it('holds a guest to its share of a core without a controller', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.spin, { limits: { cpuMillis: 200 } });
    await sleep(1_000); // what it may use in one go
    const share = await measuredShare(container, 2);
    assert.ok(share > 0.05 && share < 0.35, `${share} of a core`);
    assert.equal((await container.stop(5)).signal, 15, 'a stopped guest can be stopped');
  });
});

describe('ResourceLimits without cgroups', () => {
  it('reports OOMKilled where a guest traps with its memory used up', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.greedy, { limits: { memoryBytes: 8 * megabyte } });
    const { exitCode, reason } = await container.exited;
    assert.deepEqual({ exitCode, reason }, { exitCode: 134, reason: 'OOMKilled' });
  });

  it('reports a trap as such where there was memory left', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.trap, { limits: { memoryBytes: 8 * megabyte } });
    assert.equal((await container.exited).reason, 'Error');
  });
});
