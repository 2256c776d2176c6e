import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errno } from '../errno.ts';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';

/** All that a file can have. */
const fileRights = 0x8e0_01ffn;
const create = 1;
const append = 1;

for (const { name: system, make } of systems) {
  describe(`fd functions on the ${system} system`, () => {
    function probe(): { guest: GuestProbe; directory: TemporaryDirectory } & Disposable {
      const directory = new TemporaryDirectory();
      writeFileSync(directory.file('file'), '0123456789');
      const guest = new GuestProbe(make(), {
        mounts: [
          { hostPath: directory.path, guestPath: '/' },
          { hostPath: directory.path, guestPath: '/ro', readOnly: true },
        ],
      });
      return {
        guest,
        directory,
        [Symbol.dispose]() {
          guest[Symbol.dispose]();
          directory[Symbol.dispose]();
        },
      };
    }

    it('reads into several vectors and writes nothing behind them', () => {
      using scene = probe();
      const { guest } = scene;
      const fd = guest.open('file', { rights: fileRights });
      guest.put(256, '################');
      guest.putU32(128, 256, 3, 260, 0, 262, 4);
      assert.equal(guest.call('fd_read', fd, 128, 3, 64), 'success');
      assert.equal(guest.u32(64), 7);
      assert.equal(guest.text(256, 16), '012###3456######');
      assert.equal(guest.call('fd_tell', fd, 72), 'success');
      assert.equal(guest.u64(72), 7n);
    });

    it('reads into vectors that overlap, one after the other', () => {
      using scene = probe();
      const { guest } = scene;
      const fd = guest.open('file', { rights: fileRights });
      guest.putU32(128, 256, 4, 258, 4);
      assert.equal(guest.call('fd_read', fd, 128, 2, 64), 'success');
      assert.equal(guest.text(256, 6), '014567');
    });

    it('reads and writes at an offset, leaving the position', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { rights: fileRights });
      guest.put(256, 'XYZ');
      guest.putU32(128, 256, 3);
      assert.equal(guest.call('fd_pwrite', fd, 128, 1, 2n, 64), 'success');
      assert.equal(readFileSync(directory.file('file'), 'utf8'), '01XYZ56789');
      assert.equal(guest.call('fd_pread', fd, 128, 1, 4n, 64), 'success');
      assert.equal(guest.text(256, 3), 'Z56');
      guest.call('fd_tell', fd, 72);
      assert.equal(guest.u64(72), 0n);
    });

    it('appends wherever the position is, until told otherwise', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { rights: fileRights, fdFlags: append });
      guest.put(256, 'ab');
      guest.putU32(128, 256, 2);
      assert.equal(guest.call('fd_seek', fd, 0n, 0, 72), 'success');
      assert.equal(guest.call('fd_write', fd, 128, 1, 64), 'success');
      assert.equal(guest.call('fd_fdstat_set_flags', fd, 0), 'success');
      assert.equal(guest.call('fd_seek', fd, 0n, 0, 72), 'success');
      assert.equal(guest.call('fd_write', fd, 128, 1, 64), 'success');
      assert.equal(readFileSync(directory.file('file'), 'utf8'), 'ab23456789ab');
    });

    const seeks: readonly [offset: bigint, whence: number, result: string, position?: bigint][] = [
      [3n, 0, 'success', 3n],
      [3n, 1, 'success', 5n],
      [-1n, 1, 'success', 1n],
      [-4n, 2, 'success', 6n],
      [100n, 2, 'success', 110n],
      [-3n, 1, 'inval'],
      [0n, 3, 'inval'],
      [0n, -1, 'inval'],
    ];
    for (const [offset, whence, result, position] of seeks) {
      it(`seeks by ${offset} from ${whence} at 2 of 10 bytes: ${result}`, () => {
        using scene = probe();
        const { guest } = scene;
        const fd = guest.open('file', { rights: fileRights });
        guest.call('fd_seek', fd, 2n, 0, 64);
        assert.equal(guest.call('fd_seek', fd, offset, whence, 64), result);
        if (position !== undefined) assert.equal(guest.u64(64), position);
      });
    }

    it('keeps what is out of bounds from reading, writing and crashing', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { rights: fileRights });
      const { size } = guest;
      const high = 0xffff_ffff;
      guest.putU32(128, size - 2, 4);
      guest.putU32(136, high, high);
      guest.putU32(144, 16, 4);
      for (const name of ['fd_read', 'fd_write'] as const) {
        assert.equal(guest.call(name, fd, 128, 1, 64), 'fault', 'vector behind memory');
        assert.equal(guest.call(name, fd, 136, 1, 64), 'fault', 'vector that wraps around');
        assert.equal(guest.call(name, fd, size - 4, 1, 64), 'fault', 'list behind memory');
        assert.equal(guest.call(name, fd, high, 1, 64), 'fault', 'list far behind memory');
        assert.equal(guest.call(name, fd, 128, high, 64), 'fault', 'list without end');
        assert.equal(guest.call(name, fd, 144, 1, size - 3), 'fault', 'result behind memory');
        assert.equal(guest.call(name, fd, 144, 1, high), 'fault', 'result far behind memory');
      }
      assert.equal(readFileSync(directory.file('file'), 'utf8'), '0123456789');
    });

    it('takes the first of thousands of vectors', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { rights: fileRights });
      guest.put(0, '*');
      for (let index = 0; index < 4000; index += 1) guest.putU32(8192 + index * 8, 0, 1);
      assert.equal(guest.call('fd_write', fd, 8192, 4000, 64), 'success');
      assert.equal(guest.u32(64), 1024);
      assert.equal(statSync(directory.file('file')).size, 1024);
    });

    it('sees memory that has grown', () => {
      using scene = probe();
      const { guest } = scene;
      const fd = guest.open('file', { rights: fileRights });
      guest.putU32(128, guest.size + 16, 4);
      assert.equal(guest.call('fd_read', fd, 128, 1, 64), 'fault');
      guest.grow(1);
      assert.equal(guest.call('fd_read', fd, 128, 1, 64), 'success');
      assert.equal(guest.text(guest.size + 16, 4), '0123');
      guest.grow(0);
      assert.equal(guest.call('fd_read', fd, 128, 1, guest.size), 'success');
      assert.equal(guest.u32(guest.size), 4);
    });

    it('gives numbers lowest first, moves and closes them', () => {
      using scene = probe();
      const { guest } = scene;
      const [first, second] = [guest.open('file'), guest.open('file')];
      assert.deepEqual([first, second], [5, 6]);
      assert.equal(guest.call('fd_renumber', second, first), 'success');
      assert.equal(guest.call('fd_close', second), 'badf');
      assert.equal(guest.call('fd_renumber', first, second), 'badf');
      assert.equal(guest.call('fd_renumber', first, first), 'success');
      assert.equal(guest.open('file'), second);
      assert.equal(guest.call('fd_close', first), 'success');
      assert.equal(guest.call('fd_close', first), 'badf');
      assert.equal(guest.call('fd_close', -1), 'badf');
      assert.equal(guest.open('file'), first);
    });

    it('names the mounts', () => {
      using scene = probe();
      const { guest } = scene;
      assert.equal(guest.call('fd_prestat_get', 4, 64), 'success');
      assert.deepEqual([guest.u32(64), guest.u32(68)], [0, 3]);
      guest.put(100, '######');
      assert.equal(guest.call('fd_prestat_dir_name', 4, 100, 2), 'nametoolong');
      assert.equal(guest.call('fd_prestat_dir_name', 4, guest.size - 2, 3), 'fault');
      assert.equal(guest.call('fd_prestat_dir_name', 4, 100, 3), 'success');
      assert.equal(guest.text(100, 6), '/ro###');
      assert.equal(guest.call('fd_prestat_get', 5, 64), 'badf');
      assert.equal(guest.call('fd_prestat_get', guest.open('file'), 64), 'badf');
    });

    it('lets rights be given up, and not be taken back', () => {
      using scene = probe();
      const { guest } = scene;
      const fd = guest.open('file', { rights: fileRights });
      guest.putU32(128, 256, 1);
      assert.equal(guest.call('fd_fdstat_set_rights', fd, 2n, 0n), 'success');
      assert.equal(guest.call('fd_read', fd, 128, 1, 64), 'success');
      assert.equal(guest.call('fd_write', fd, 128, 1, 64), 'notcapable');
      assert.equal(guest.call('fd_fdstat_set_rights', fd, 0x42n, 0n), 'notcapable');
      guest.call('fd_fdstat_get', fd, 512);
      assert.deepEqual([guest.bytes[512], guest.u64(520), guest.u64(528)], [4, 2n, 0n]);
      assert.equal(guest.call('fd_fdstat_set_rights', 3, 0x2000n, 0n), 'success');
      assert.equal(guest.callPath('path_open', 3, 0, 'file', 0, 2n, 0n, 0, 0), 'notcapable');
    });

    it('refuses to change what was opened on a read-only mount', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { fd: 4, rights: 2n | (1n << 23n) });
      assert.equal(guest.call('fd_filestat_set_times', fd, 1n, 1n, 5), 'rofs');
      guest.putU32(128, 256, 1);
      assert.equal(guest.call('fd_write', fd, 128, 1, 64), 'notcapable');
      assert.equal(guest.call('fd_filestat_set_times', 4, 1n, 1n, 5), 'rofs');
      mkdirSync(directory.file('dir'));
      const dir = guest.callPath('path_open', 4, 0, 'dir', 2, 1n << 9n, 1n << 9n, 0, 0);
      assert.equal(dir, 'success');
      assert.equal(guest.callPath('path_create_directory', guest.u32(0), 'x'), 'rofs');
    });

    it('cuts and extends a file', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { rights: fileRights });
      assert.equal(guest.call('fd_filestat_set_size', fd, 4n), 'success');
      assert.equal(readFileSync(directory.file('file'), 'utf8'), '0123');
      assert.equal(guest.call('fd_filestat_set_size', fd, 6n), 'success');
      assert.equal(statSync(directory.file('file')).size, 6);
      assert.equal(guest.call('fd_filestat_set_size', fd, -1n), 'inval');
      assert.ok(['success', 'notsup'].includes(guest.call('fd_allocate', fd, 6n, 2n)));
      assert.equal(guest.call('fd_allocate', fd, -1n, 2n), 'inval');
      assert.equal(guest.call('fd_advise', fd, 0n, 0n, 5), 'success');
      assert.equal(guest.call('fd_advise', fd, 0n, 0n, 6), 'inval');
      assert.equal(guest.call('fd_sync', fd), 'success');
      assert.equal(guest.call('fd_datasync', fd), 'success');
    });

    it('sets times to the second', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const fd = guest.open('file', { rights: fileRights });
      const { atimeNs } = statSync(directory.file('file'), { bigint: true });
      assert.equal(guest.call('fd_filestat_set_times', fd, 0n, 86400_000_000_000n, 4), 'success');
      const stats = statSync(directory.file('file'), { bigint: true });
      assert.equal(stats.mtimeNs, 86400_000_000_000n);
      assert.ok(stats.atimeNs - atimeNs < 1000n && atimeNs - stats.atimeNs < 1000n);
    });

    it('lists a directory in pieces, with cookies that survive changes', () => {
      using scene = probe();
      const { guest, directory } = scene;
      const names = Array.from({ length: 100 }, (_, index) => `entry-${index}`);
      for (const name of names) writeFileSync(directory.file(name), '');
      const found: string[] = [];
      for (let cookie = 0n, end = false; !end; ) {
        assert.equal(guest.call('fd_readdir', 3, 4096, 200, cookie, 64), 'success');
        end = guest.u32(64) < 200;
        for (const entry of entriesOf(guest, 4096, guest.u32(64))) {
          found.push(entry.name);
          cookie = entry.next;
        }
        // What has been listed already goes away, and something else comes.
        const listed = found.at(-1);
        if (listed?.startsWith('entry-')) unlinkSync(directory.file(listed));
        writeFileSync(directory.file(`new-${cookie}`), '');
      }
      const old = found.filter((name) => !name.startsWith('new-'));
      assert.deepEqual(old.toSorted(), ['.', '..', 'file', ...names].toSorted());
    });

    it('lists nothing beyond the buffer', () => {
      using scene = probe();
      const { guest } = scene;
      guest.put(4096, '#'.repeat(64));
      assert.equal(guest.call('fd_readdir', 3, 4096, 30, 0n, 64), 'success');
      assert.equal(guest.u32(64), 30);
      assert.equal(guest.text(4126, 4), '####');
      assert.equal(guest.call('fd_readdir', 3, 4096, 0, 0n, 64), 'success');
      assert.equal(guest.u32(64), 0);
      assert.equal(guest.call('fd_readdir', 3, guest.size - 8, 9, 0n, 64), 'fault');
      assert.equal(guest.call('fd_readdir', 3, 4096, 64, 0n, guest.size), 'fault');
      assert.equal(guest.call('fd_readdir', guest.open('file'), 4096, 64, 0n, 64), 'notcapable');
    });

    it('gives its output to a sink, in the order of the vectors', () => {
      const taken: string[] = [];
      const sink = { write: (bytes: Uint8Array) => taken.push(String(bytes)) * 0 };
      using guest = new GuestProbe(make(), { stdio: { stdin: 0, stdout: sink, stderr: sink } });
      guest.put(256, 'onetwo');
      guest.putU32(128, 256, 3, 0, 0, 259, 3);
      assert.equal(guest.call('fd_write', 1, 128, 3, 64), 'success');
      assert.equal(guest.u32(64), 6);
      assert.equal(guest.call('fd_write', 2, 128, 1, 64), 'success');
      assert.deepEqual(taken, ['one', 'two', 'one']);
      assert.equal(guest.call('fd_seek', 1, 0n, 0, 64), 'spipe');
      guest.call('fd_fdstat_get', 1, 512);
      assert.equal(guest.bytes[512], 0);
    });

    it('reports what a sink could not take', () => {
      const full = { write: () => errno.nospc, terminal: true };
      using guest = new GuestProbe(make(), { stdio: { stdin: 0, stdout: full, stderr: full } });
      guest.putU32(128, 256, 3);
      assert.equal(guest.call('fd_write', 1, 128, 1, 64), 'nospc');
      guest.call('fd_fdstat_get', 1, 512);
      assert.equal(guest.bytes[512], 2, 'a terminal is a character device');
      assert.equal(guest.u64(520) & 0x24n, 0n, 'without seek and tell');
    });

    it('creates files that the umask allows', () => {
      using scene = probe();
      const { guest, directory } = scene;
      guest.open('new', { flags: create, rights: fileRights });
      assert.equal(statSync(directory.file('new')).mode & 0o777, 0o666 & ~process.umask());
    });
  });
}

function* entriesOf(guest: GuestProbe, start: number, used: number) {
  for (let at = start; at + 24 <= start + used; ) {
    const length = guest.u32(at + 16);
    if (at + 24 + length > start + used) return;
    yield { next: guest.u64(at), name: guest.text(at + 24, length) };
    at += 24 + length;
  }
}
