import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { NativeSystem } from '../native/native-system.ts';
import { GuestProbe } from '../testing/guest-probe.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';

/** Puts a link that leads outside in the place of a directory and back, as fast as it can. */
const swapper = `
  const { renameSync } = require('node:fs');
  const { workerData: { guest, stop } } = require('node:worker_threads');
  while (Atomics.load(stop, 0) === 0) {
    renameSync(guest + '/dir', guest + '/aside');
    renameSync(guest + '/trap', guest + '/dir');
    renameSync(guest + '/dir', guest + '/trap');
    renameSync(guest + '/aside', guest + '/dir');
  }
`;

describe('BeneathResolver', () => {
  it('never leads outside while links are swapped under it', async () => {
    using directory = new TemporaryDirectory();
    for (const name of ['outside', 'guest', 'guest/dir']) mkdirSync(directory.file(name));
    writeFileSync(directory.file('outside', 'name'), 'outside');
    writeFileSync(directory.file('guest', 'dir', 'name'), 'inside');
    symlinkSync('../outside', directory.file('guest', 'trap'));
    const guestPath = directory.file('guest');
    const mounts = [{ hostPath: guestPath, guestPath: '/' }];
    using guest = new GuestProbe(new NativeSystem(), { mounts });
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(swapper, { eval: true, workerData: { guest: guestPath, stop } });
    await delay(100);

    const results = new Map<string, number>();
    for (const end = Date.now() + 500; Date.now() < end; ) {
      const result = readName(guest);
      results.set(result, (results.get(result) ?? 0) + 1);
    }
    Atomics.store(stop, 0, 1);
    await new Promise((resolve) => worker.once('exit', resolve));

    assert.ok(!results.has('outside'), 'what is outside was read');
    assert.ok((results.get('inside') ?? 0) > 0, 'nothing was read at all');
    assert.ok((results.get('perm') ?? 0) > 0, 'the trap was never met');
  });
});

/** @returns what is in dir/name, or the error */
function readName(guest: GuestProbe): string {
  const opened = guest.callPath('path_open', 3, 1, 'dir/name', 0, 2n, 0n, 0, 0);
  if (opened !== 'success') return opened;
  const fd = guest.u32(0);
  guest.putU32(128, 256, 16);
  guest.call('fd_read', fd, 128, 1, 64);
  guest.call('fd_close', fd);
  return guest.text(256, guest.u32(64));
}
