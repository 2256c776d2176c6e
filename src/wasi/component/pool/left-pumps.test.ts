import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempDisposableSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { InstancePool } from './instance-pool.ts';

describe('a call that leaves the host to copy from stream to stream', () => {
  const program = loadProgram(prepareComponent(componentFixture('stdin-to-stdout')));

  it('has that end with it, and nothing of it in the next call', async () => {
    using directory = mkdtempDisposableSync(path.join(tmpdir(), 'left-pumps-'));
    const fifo = path.join(directory.path, 'stdin');
    execFileSync('mkfifo', [fifo]);
    const stdin = openSync(fifo, constants.O_RDWR);
    try {
      const world = testWorld({ stdin });
      const pool = new InstancePool({ program, world });
      const lease = pool.acquire();
      lease.instance.exported('', 'run')();
      writeSync(stdin, 'in time');
      while (world.output.text !== 'in time') await delay(1);
      lease.release('returned');
      const next = pool.acquire();
      assert.equal(next.instance, lease.instance);
      writeSync(stdin, 'too late');
      await delay(50);
      assert.equal(world.output.text, 'in time');
      assert.equal(next.instance.isCancelled, false);
      next.release('returned');
    } finally {
      closeSync(stdin);
    }
  });
});
