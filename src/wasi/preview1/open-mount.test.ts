import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { NativeSystem } from '../native/native-system.ts';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';
import { MountError } from './errors.ts';
import { openMount } from './open-mount.ts';

/** A volume with `dir/file`, links to both and out of it; beside it `outside/file`. */
function arrange(): TemporaryDirectory {
  const directory = new TemporaryDirectory();
  mkdirSync(directory.file('outside'));
  writeFileSync(directory.file('outside', 'file'), 'outside');
  mkdirSync(directory.file('volume', 'dir'), { recursive: true });
  writeFileSync(directory.file('volume', 'dir', 'file'), 'inside');
  for (const [name, target] of [
    ['to-dir', 'dir'],
    ['to-file', 'to-dir/file'],
    ['dir/up', '../to-file'],
    ['out', '../outside'],
    ['absolute', directory.file('outside')],
  ] as const) {
    symlinkSync(target, directory.file('volume', name));
  }
  return directory;
}

for (const { name: system, make } of systems) {
  describe(`openMount with a subPath on the ${system} system`, () => {
    const found: readonly (readonly [subPath: string, path: string])[] = [
      ['dir', 'file'],
      ['./to-dir/', 'file'],
      ['dir/file', '.'],
      ['to-file', '.'],
      ['to-dir/up', '.'],
    ];
    for (const [subPath, path] of found) {
      it(`mounts ${subPath}`, () => {
        using directory = arrange();
        const mount = { hostPath: directory.file('volume'), subPath, guestPath: '/m' };
        using guest = new GuestProbe(make(), { mounts: [mount] });
        assert.equal(guest.callPath('path_open', 3, 1, path, 0, 2n, 0n, 0, 64), 'success');
        guest.putU32(128, 256, 16);
        assert.equal(guest.call('fd_read', guest.u32(64), 128, 1, 192), 'success');
        assert.equal(guest.text(256, guest.u32(192)), 'inside');
      });
    }

    const refused = [
      ['out', 'perm'],
      ['out/file', 'perm'],
      ['absolute/file', 'perm'],
      ['dir/../../outside', 'perm'],
      ['nothing', 'noent'],
      ['dir/file/beneath', 'notdir'],
    ] as const;
    for (const [subPath, code] of refused) {
      it(`refuses ${subPath}: ${code}`, () => {
        using directory = arrange();
        const mount = { hostPath: directory.file('volume'), subPath, guestPath: '/m' };
        assert.throws(
          () => openMount(make(), mount),
          (error) => error instanceof MountError && error.code === code,
        );
      });
    }
  });
}

describe('openMount with a subPath that others change meanwhile', () => {
  for (const subPath of ['way', 'way/file']) {
    it(`opens nothing outside: ${subPath}`, async () => {
      using directory = arrange();
      const volume = realpathSync(directory.file('volume'));
      await using attacker = new Worker(keepChanging, {
        eval: true,
        workerData: directory.file('volume', 'way'),
      });
      await once(attacker, 'message');
      const system = new NativeSystem();
      let inside = 0;
      for (let round = 0; round < (inside > 0 ? 3000 : 1_000_000); round += 1) {
        const mount = { hostPath: volume, subPath, guestPath: '/m' };
        const place = attempt(() => openMount(system, mount));
        if (place === undefined) continue;
        const opened = `/proc/self/fd/${place.handle}`;
        assert.equal(path.dirname(readlinkSync(opened)), volume);
        assert.equal(readFileSync(`${opened}/${place.onlyFile ?? 'file'}`, 'utf8'), 'inside');
        inside += 1;
        closeSync(place.handle);
      }
      assert.ok(inside > 0);
    });
  }
});

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined; // a matter of the moment
  }
}

/** Lets a name be a directory and a link to the outside by turns, about half of the time each. */
const keepChanging = `
  const { mkdirSync, renameSync, symlinkSync, writeFileSync } = require('node:fs');
  const { parentPort, workerData: name } = require('node:worker_threads');
  const [directory, link] = [name + '-directory', name + '-link'];
  mkdirSync(directory);
  writeFileSync(directory + '/file', 'inside');
  symlinkSync('../outside', link);
  parentPort.postMessage('begun');
  for (;;) {
    for (const turn of [directory, link]) {
      renameSync(turn, name);
      renameSync(name, turn);
    }
  }
`;
