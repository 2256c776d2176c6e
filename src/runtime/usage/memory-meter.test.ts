import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryMeter } from './memory-meter.ts';
import { processCounters } from './process-usage.ts';

const ended = 2 ** 22 + 1;
const minute = 60_000;

describe('MemoryMeter', () => {
  const { pid } = process;

  it('measures a process', () => {
    const counters = processCounters(pid) ?? assert.fail();
    const bytes = new MemoryMeter().measure(pid, counters, 0) ?? assert.fail();
    assert.ok(bytes > 1_000_000 && bytes < 1_000_000_000, String(bytes));
  });

  it('does not look again while the pages are the same, for some minutes', () => {
    const meter = new MemoryMeter();
    const counters = processCounters(pid) ?? assert.fail();
    const bytes = meter.measure(pid, counters, 0);
    // There is no such process: who looked would see that.
    assert.equal(meter.measure(ended, counters, minute), bytes);
    assert.equal(meter.measure(ended, counters, 5 * minute), undefined);
  });

  it('looks again when the process has other pages', () => {
    const meter = new MemoryMeter();
    const counters = processCounters(pid) ?? assert.fail();
    const before = meter.measure(pid, counters, 0) ?? assert.fail();
    const pages = Buffer.alloc(32 * 1024 * 1024, 1);
    const after = meter.measure(pid, processCounters(pid) ?? assert.fail(), 1) ?? assert.fail();
    assert.ok(after - before > pages.length / 2, `${before} and ${after}`);
  });
});
