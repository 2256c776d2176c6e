import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { IdleProcessors } from './idle-processors.ts';

describe('IdleProcessors', () => {
  it('counts what was idle or waited for a disk since it was last asked', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'krustlet-'));
    const file = path.join(directory, 'stat');
    let now = 1000;
    const set = (idle: number, waiting: number) =>
      writeFileSync(file, `cpu  9 9 9 ${idle} ${waiting} 9 9 9 9 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n`);
    set(500, 20);
    const processors = new IdleProcessors(file, () => now);
    assert.equal(processors.sinceLast(), Infinity);
    set(570, 30);
    now += 500;
    assert.equal(processors.sinceLast(), 1.6);
    now += 500;
    assert.equal(processors.sinceLast(), 0);
    rmSync(directory, { recursive: true });
  });

  it('finds no more than the machine has', async () => {
    const processors = new IdleProcessors();
    processors.sinceLast();
    await sleep(200);
    const idle = processors.sinceLast();
    assert.ok(idle >= 0 && idle < availableParallelism() + 1, `${idle}`);
  });

  it('takes all for idle where the system does not tell', () => {
    assert.equal(new IdleProcessors('/proc/none').sinceLast(), Infinity);
  });
});
