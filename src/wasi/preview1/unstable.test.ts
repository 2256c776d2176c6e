import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';
import { unstableModule } from './imports.ts';

for (const { name, make } of systems) {
  describe(`wasi_unstable on the ${name} system`, () => {
    function withFile(use: (guest: GuestProbe, path: string) => void): void {
      using directory = new TemporaryDirectory();
      const path = directory.file('file');
      writeFileSync(path, '0123456789');
      const mounts = [{ hostPath: directory.path, guestPath: '/' }];
      using guest = new GuestProbe(make(), { mounts }, unstableModule);
      use(guest, path);
    }

    it('counts from the position, the end and the start', () => {
      withFile((guest) => {
        const fd = guest.open('file', { rights: 0x26n });
        for (const [offset, whence, position] of [
          [4n, 2, 4n],
          [3n, 0, 7n],
          [-1n, 1, 9n],
        ] as const) {
          assert.equal(guest.call('fd_seek', fd, offset, whence, 64), 'success');
          assert.equal(guest.u64(64), position);
        }
        assert.equal(guest.call('fd_seek', fd, 0n, 3, 64), 'inval');
      });
    });

    it('writes metadata as 56 bytes', () => {
      withFile((guest, path) => {
        const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
        guest.bytes.fill(0xff, 1000, 1100);
        assert.equal(guest.callPath('path_filestat_get', 3, 0, 'file', 1000), 'success');
        assert.deepEqual(
          [guest.u64(1008), guest.u32(1016), guest.u32(1020), guest.u64(1024)],
          [ino, 4, 1, 10n],
        );
        assert.deepEqual([guest.u64(1040), guest.u64(1048)], [mtimeNs, ctimeNs]);
        assert.equal(guest.bytes[1056], 0xff);
        const fd = guest.open('file', { rights: 0x20_0002n });
        assert.equal(guest.call('fd_filestat_get', fd, guest.size - 56), 'success');
        assert.equal(guest.call('fd_filestat_get', fd, guest.size - 55), 'fault');
      });
    });

    it('takes subscriptions of 56 bytes', () => {
      withFile((guest) => {
        guest.bytes.writeBigUInt64LE(5n, 1024);
        guest.bytes.writeBigUInt64LE(99n, 1040); // the identifier
        guest.putU32(1048, 1);
        guest.bytes.writeBigUInt64LE(1000n, 1056);
        guest.bytes.writeBigUInt64LE(6n, 1080);
        guest.putU32(1104, 1);
        guest.bytes.writeBigUInt64LE(60_000_000_000n, 1112);
        assert.equal(guest.call('poll_oneoff', 1024, 4096, 2, 64), 'success');
        assert.deepEqual([guest.u32(64), guest.u64(4096)], [1, 5n]);
      });
    });
  });
}
