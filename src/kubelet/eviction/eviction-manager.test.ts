import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, it } from 'node:test';
import { systemClock } from '../../kubernetes/clock.ts';
import { EvictionManager } from './eviction-manager.ts';
import { measureHeadrooms } from './eviction-signals.ts';
import { parseThresholds } from './eviction-thresholds.ts';

/** What is done until nothing is left to do, where so much is wanted of this machine. */
async function relieve(thresholds: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const directory = os.tmpdir();
  const done: string[] = [];
  const over = new AbortController();
  const measure = () => measureHeadrooms({ dataDirectory: directory, imagesDirectory: directory });
  const manager = new EvictionManager(
    {
      pods: () => {
        done.push('evict');
        return [];
      },
      measure,
      reclaimDisk: async () => void done.push('reclaim'),
      onEvent: ({ type, reason, message }) => done.push(`${type} ${reason}: ${message}`),
      clock: { ...systemClock, sleep: async () => over.abort() },
      log: console,
    },
    { thresholds: parseThresholds(thresholds) },
  );
  await manager.run(over);
  return done;
}

const met = (resource: string) => `Warning EvictionThresholdMet: Attempting to reclaim ${resource}`;

describe('EvictionManager', () => {
  it('does nothing while there is enough', async () => {
    assert.deepEqual(await relieve({ 'memory.available': '1' }), []);
  });

  it('says what it frees before it evicts a pod', async () => {
    assert.deepEqual(await relieve({ 'memory.available': '100%' }), [met('memory'), 'evict']);
  });

  it('removes what is not needed of a disk first', async () => {
    const done = await relieve({ 'nodefs.available': '100%' });
    assert.deepEqual(done, [met('ephemeral-storage'), 'reclaim', 'evict']);
  });
});
