import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from './file-lock.ts';

describe('FileLock', () => {
  let directory: string;
  let file: string;

  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'lock-'));
    file = path.join(directory, 'lock');
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  it('lets one operation run at a time, also through several locks on one file', async () => {
    const locks = [new FileLock(file), new FileLock(file)];
    let running = 0;
    const turns = Array.from({ length: 10 }, (_, index) =>
      locks[index % 2]?.hold(async () => {
        running++;
        assert.equal(running, 1);
        await sleep(2);
        running--;
      }),
    );
    await Promise.all(turns);
  });

  it('is not waited for by who only tries', async () => {
    const locks = [new FileLock(file), new FileLock(file)];
    const [mine] = locks;
    await mine?.hold(async () => {
      for (const lock of locks) assert.equal(await lock.tryHold(async () => 'ran'), undefined);
    });
    for (const lock of locks) assert.equal(await lock.tryHold(async () => 'ran'), 'ran');
    const turns = await Promise.all([
      mine?.tryHold(async () => await sleep(2, 'first')),
      mine?.hold(async () => 'second'),
    ]);
    assert.deepEqual(turns, ['first', 'second']);
  });

  it('goes on after an operation that failed', async () => {
    const lock = new FileLock(file);
    await assert.rejects(
      lock.hold(() => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await lock.hold(async () => 'next'), 'next');
  });

  it('lets who waits give up, without losing the turn of those behind', async () => {
    const lock = new FileLock(file);
    const held = Promise.withResolvers<void>();
    const first = lock.hold(() => held.promise);
    const controller = new AbortController();
    const second = lock.hold(async () => 'second', { signal: controller.signal });
    const third = lock.hold(async () => 'third');
    controller.abort(new Error('bored'));
    await assert.rejects(second, /bored/);
    held.resolve();
    await first;
    assert.equal(await third, 'third');
  });

  it('is waited for only so long, and held as long as it takes', async () => {
    const lock = new FileLock(file);
    const held = Promise.withResolvers<void>();
    const first = lock.holdWithin(10, () => held.promise);
    const refused = () => assert.fail('it is held');
    assert.equal(await lock.holdWithin(30, refused), false);
    await assert.rejects(
      lock.holdWithin(60_000, refused, { signal: AbortSignal.abort(new Error('bored')) }),
      /bored/,
    );
    held.resolve();
    assert.equal(await first, true);
    await assert.rejects(
      lock.holdWithin(60_000, () => Promise.reject(new Error('no'))),
      /no/,
    );
  });

  it('is free again when its holder is killed', async () => {
    const program = `
      const { FileLock } = await import(${JSON.stringify(import.meta.resolve('./file-lock.ts'))});
      await new FileLock(${JSON.stringify(file)}).hold(async () => {
        console.log('held');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await once(child.stdout, 'data');
    const lock = new FileLock(file);
    const waiting = AbortSignal.timeout(100);
    await assert.rejects(lock.hold(async () => 'too early', { signal: waiting }));
    child.kill('SIGKILL');
    assert.equal(await lock.hold(async () => 'mine'), 'mine');
  });
});
