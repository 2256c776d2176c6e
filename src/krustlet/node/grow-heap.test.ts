import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A process with the flags of a node (bin/krustlet.js) that keeps a megabyte more each time; it
 * writes how often its whole heap was looked through meanwhile.
 */
const keeper = `
  import { PerformanceObserver, constants } from 'node:perf_hooks';
  import { growHeapFor } from '${import.meta.resolve('./grow-heap.ts')}';
  growHeapFor(Number(process.argv[1]));
  const kept = [];
  const keep = (bytes) => {
    for (let left = bytes; left > 0; left -= 1000) kept.push(Array.from({ length: 120 }, Math.random));
  };
  let full = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let round = 0; round < 140; round++) {
    keep(1_000_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(full);
`;

async function fullCollections(maxPods: number): Promise<number> {
  const flags = ['--optimize-for-size', '--max-semi-space-size=4', '--input-type=module'];
  const { stdout } = await run(process.execPath, [...flags, '--eval', keeper, String(maxPods)]);
  return Number(stdout);
}

describe('growHeapFor', () => {
  it('has the heap of a node for many pods looked through less often, and that of others as before', async () => {
    const [few, ordinary, many] = [
      await fullCollections(0),
      await fullCollections(250),
      await fullCollections(251),
    ];
    assert.ok(many * 1.5 < ordinary, `${many} of ${ordinary}`);
    assert.ok(Math.abs(few - ordinary) <= 2, `${few} and ${ordinary}`);
  });
});
