import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import os from 'node:os';
import { describe, it } from 'node:test';
import { detectNodeIP, isLoopback } from './addresses.ts';
import { allocatableOf, capacityOf, measureCapacity } from './capacity.ts';
import { readSystemInfo } from './system-info.ts';

const gibibyte = 1024 ** 3;

describe('measureCapacity', () => {
  it('measures no more than the machine has', async () => {
    const { cpuMillis, memoryBytes, storageBytes } = await measureCapacity(os.tmpdir());
    assert.equal(cpuMillis, os.availableParallelism() * 1000);
    assert.ok(memoryBytes > 0 && memoryBytes <= os.totalmem());
    assert.ok(storageBytes > 0);
  });
});

describe('allocatableOf', () => {
  const machine = { cpuMillis: 2000, memoryBytes: 4 * gibibyte, storageBytes: 10 * gibibyte };

  it('is the capacity less what is reserved', () => {
    const reserved = { cpuMillis: 500, memoryBytes: gibibyte, storageBytes: gibibyte };
    assert.deepEqual(capacityOf(machine, 110), {
      cpu: '2',
      memory: '4Gi',
      'ephemeral-storage': '10Gi',
      pods: '110',
    });
    assert.deepEqual(allocatableOf(machine, reserved, 110), {
      cpu: '1500m',
      memory: '3Gi',
      'ephemeral-storage': '9Gi',
      pods: '110',
    });
  });

  it('is written as API servers write it', () => {
    const odd = { cpuMillis: 1_000_000, memoryBytes: gibibyte - 1, storageBytes: 3 * 2 ** 20 };
    assert.deepEqual(capacityOf(odd, 1000), {
      cpu: '1k',
      memory: '1048575Ki',
      'ephemeral-storage': '3Mi',
      pods: '1k',
    });
  });

  it('is never negative', () => {
    const reserved = { ...machine, cpuMillis: 9000 };
    assert.equal(allocatableOf(machine, reserved, 1).cpu, '0');
  });
});

describe('detectNodeIP', () => {
  it('finds an address whatever is known of the API server', async () => {
    for (const server of [undefined, 'https://127.0.0.1:6443', 'https://no.such.host.invalid']) {
      assert.notEqual(isIP(await detectNodeIP(server)), 0);
    }
  });

  it('tells addresses apart that only this machine reaches', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1']) assert.ok(isLoopback(address));
    for (const address of ['10.0.0.1', 'fd00::1']) assert.ok(!isLoopback(address));
  });
});

describe('readSystemInfo', () => {
  it('tells the kernel and the versions given', async () => {
    const versions = {
      containerRuntimeVersion: 'krustlet://2.0.0',
      kubeletVersion: 'v1.37.0',
      architecture: 'wasm32-wasi',
    };
    const info = await readSystemInfo(versions);
    assert.equal(info.kernelVersion, os.release());
    assert.equal(info.architecture, 'wasm32-wasi');
    assert.notEqual(info.osImage, '');
  });
});
