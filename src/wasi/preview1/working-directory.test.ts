import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';

for (const { name, make } of systems) {
  describe(`workingDirectory on the ${name} system`, () => {
    /** What the descriptors from 3 on are called. */
    function mountNames(guest: GuestProbe): string[] {
      const names: string[] = [];
      for (let fd = 3; guest.call('fd_prestat_get', fd, 0) === 'success'; fd += 1) {
        const length = guest.u32(4);
        assert.equal(guest.call('fd_prestat_dir_name', fd, 64, length), 'success');
        names.push(guest.text(64, length));
      }
      return names;
    }

    const cases: readonly [workingDir: string, guestPaths: string[], expected: string[]][] = [
      ['/data/sub', ['/data'], ['/data', '.']],
      ['/data', ['/data', '/other'], ['/data', '/other', '.']],
      ['/data/sub', ['/data', '/'], ['/data', '/']],
      ['/data/nothing', ['/data'], ['/data']],
      ['/elsewhere', ['/data'], ['/data']],
      ['/database', ['/data'], ['/data']],
      ['/', ['/data'], ['/data']],
    ];
    for (const [workingDir, guestPaths, expected] of cases) {
      it(`mounts ${expected.join(' and ')} for ${workingDir} in ${guestPaths.join(' and ')}`, () => {
        using directory = new TemporaryDirectory();
        mkdirSync(directory.file('sub'));
        writeFileSync(directory.file('sub', 'file'), 'here');
        const mounts = guestPaths.map((guestPath) => ({ guestPath, hostPath: directory.path }));
        using guest = new GuestProbe(make(), { mounts, workingDir });
        assert.deepEqual(mountNames(guest), expected);
        if (workingDir === '/data/sub' && expected.includes('.')) guest.open('file', { fd: 4 });
      });
    }

    it('keeps a read-only mount read-only', () => {
      using directory = new TemporaryDirectory();
      const mounts = [{ guestPath: '/data', hostPath: directory.path, readOnly: true }];
      using guest = new GuestProbe(make(), { mounts, workingDir: '/data' });
      assert.equal(guest.callPath('path_create_directory', 4, 'x'), 'rofs');
    });

    it('is told in PWD, unless that is set', () => {
      for (const [env, expected] of [
        [[], 'PWD=/data\0'],
        [[{ name: 'PWD', value: '/x' }], 'PWD=/x\0'],
      ] as const) {
        using guest = new GuestProbe(make(), { env, workingDir: '/data' });
        guest.call('environ_get', 0, 64);
        assert.equal(guest.text(64, expected.length), expected);
        guest.call('environ_sizes_get', 0, 4);
        assert.equal(guest.u32(0), 1);
      }
    });
  });
}
