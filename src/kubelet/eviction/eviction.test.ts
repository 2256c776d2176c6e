import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, it } from 'node:test';
import { chooseVictim } from './choose-victim.ts';
import { type Headrooms, measureHeadrooms } from './eviction-signals.ts';
import {
  crossedThresholds,
  parseThresholds,
  pressuresOf,
  stockThresholds,
} from './eviction-thresholds.ts';

const gibibyte = 1024 ** 3;
const half = { available: 50, total: 100 };
const plenty: Headrooms = {
  'memory.available': { available: gibibyte, total: 4 * gibibyte },
  'nodefs.available': half,
  'nodefs.inodesFree': half,
  'imagefs.available': half,
  'imagefs.inodesFree': half,
  'pid.available': half,
};

describe('crossedThresholds', () => {
  const cases: readonly [Partial<Headrooms>, readonly string[]][] = [
    [{}, []],
    [{ 'memory.available': { available: 1, total: gibibyte } }, ['MemoryPressure']],
    [{ 'nodefs.available': { available: 9, total: 100 } }, ['DiskPressure']],
    [{ 'nodefs.available': { available: 10, total: 100 } }, []],
    [{ 'nodefs.inodesFree': { available: 4, total: 100 } }, ['DiskPressure']],
    [{ 'imagefs.available': { available: 14, total: 100 } }, ['DiskPressure']],
    [{ 'pid.available': { available: 0, total: 100 } }, []],
  ];
  for (const [left, pressures] of cases) {
    it(`means ${pressures.join() || 'no pressure'} with ${JSON.stringify(left)}`, () => {
      const crossed = crossedThresholds(parseThresholds(stockThresholds), { ...plenty, ...left });
      assert.deepEqual([...pressuresOf(crossed)], pressures);
    });
  }
});

describe('parseThresholds', () => {
  it('reads amounts and shares', () => {
    const [amount, share] = parseThresholds({ 'memory.available': '1Gi', 'pid.available': '10%' });
    assert.equal(amount?.amountOf(8 * gibibyte), gibibyte);
    assert.equal(share?.amountOf(1000), 100);
  });

  for (const [name, text, message] of [
    ['memory.avail', '1Gi', /unknown signal, use one of memory.available/],
    ['memory.available', 'much', /'memory.available' 'much': use an amount/],
    ['memory.available', '101%', /use an amount/],
  ] as const) {
    it(`refuses ${name}: ${text}`, () => {
      assert.throws(() => parseThresholds({ [name]: text }), message);
    });
  }
});

describe('measureHeadrooms', { skip: os.platform() !== 'linux' }, () => {
  it('finds something left of everything', async () => {
    const directory = os.tmpdir();
    const headrooms = await measureHeadrooms({
      dataDirectory: directory,
      imagesDirectory: directory,
    });
    for (const [signal, { available, total }] of Object.entries(headrooms)) {
      assert.ok(available > 0 && available <= total, `${signal}: ${available} of ${total}`);
    }
  });
});

describe('chooseVictim', () => {
  const pod = (name: string, priority: number, usedBytes: number, requestedBytes: number) => ({
    name,
    priority,
    usedBytes,
    requestedBytes,
  });

  it('takes who exceeds his request before who does not, whatever their priority', () => {
    const pods = [pod('modest', 0, 50, 100), pod('greedy', 1000, 200, 100)];
    assert.equal(chooseVictim(pods, 'memory.available')?.name, 'greedy');
  });

  it('takes the lower priority, then the greater excess', () => {
    const pods = [pod('high', 10, 900, 0), pod('low', 0, 100, 0), pod('low-big', 0, 200, 0)];
    assert.equal(chooseVictim(pods, 'memory.available')?.name, 'low-big');
  });

  it('lets critical pods be', () => {
    assert.equal(
      chooseVictim([pod('critical', 2_000_001_000, 900, 0)], 'memory.available'),
      undefined,
    );
  });

  it('looks at priority alone where process ids run short', () => {
    const pods = [pod('greedy', 10, 900, 0), pod('low', 0, 0, 100)];
    assert.equal(chooseVictim(pods, 'pid.available')?.name, 'low');
  });
});
