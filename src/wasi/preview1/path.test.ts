import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { type FunctionName, GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';

type Arguments = (number | bigint | string | Uint8Array)[];

/**
 * Outside of the mount `guest`: `outside/secret`. In it: `file`, `dir/inner`, and links to all of
 * these.
 */
function arrange(directory: TemporaryDirectory): string {
  mkdirSync(directory.file('outside'));
  writeFileSync(directory.file('outside', 'secret'), 'secret');
  mkdirSync(directory.file('guest', 'dir'), { recursive: true });
  writeFileSync(directory.file('guest', 'file'), 'content');
  writeFileSync(directory.file('guest', 'dir', 'inner'), 'inner');
  for (const [link, target] of [
    ['to-file', 'file'],
    ['to-dir', 'dir'],
    ['dangling', 'nothing'],
    ['loop', 'loop'],
    ['to-outside', '../outside'],
    ['to-secret', '../outside/secret'],
    ['absolute', directory.file('outside')],
  ]) {
    symlinkSync(target ?? '', directory.file('guest', link ?? ''));
  }
  return directory.file('guest');
}

for (const { name: system, make } of systems) {
  describe(`pathFunctions on the ${system} system`, () => {
    /** Calls on descriptor 3, the mount, 4, the same read-only, and 5, `file` as a mount. */
    function probe(): { guest: GuestProbe; directory: TemporaryDirectory } & Disposable {
      const directory = new TemporaryDirectory();
      const hostPath = arrange(directory);
      const guest = new GuestProbe(make(), {
        mounts: [
          { hostPath, guestPath: '/' },
          { hostPath, guestPath: '/ro', readOnly: true },
          { hostPath: directory.file('guest', 'file'), guestPath: '/one' },
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

    const open = (path: string | Uint8Array, fd = 3, follow = 1, flags = 0, rights = 2n) =>
      ['path_open', fd, follow, path, flags, rights, 0n, 0, 0] as const;
    const stat = (path: string, follow = 1) =>
      ['path_filestat_get', 3, follow, path, 1024] as const;

    const expectations: readonly (readonly [
      string,
      readonly [FunctionName, ...Arguments],
      string,
    ])[] = [
      ['opens a file', [...open('file')], 'success'],
      ['opens through a link', [...open('to-file')], 'success'],
      ['opens through .. that stays inside', [...open('dir/../dir/./inner')], 'success'],
      ['refuses ..', [...open('..')], 'perm'],
      ['refuses to climb out', [...open('dir/../../outside/secret')], 'perm'],
      ['refuses an absolute path', [...open('/etc/passwd')], 'perm'],
      ['refuses a link that leads outside', [...open('to-secret')], 'perm'],
      ['refuses a link outside on the way', [...open('to-outside/secret')], 'perm'],
      ['refuses an absolute link', [...open('absolute/secret')], 'perm'],
      ['does not follow a link unasked', [...open('to-file', 3, 0)], 'loop'],
      ['reports a loop of links', [...open('loop')], 'loop'],
      ['reports a dangling link', [...open('dangling')], 'noent'],
      ['refuses a slash behind a file', [...open('file/')], 'notdir'],
      ['refuses a NUL', [...open('file\0')], 'inval'],
      ['refuses what is not UTF-8', [...open(Uint8Array.of(0x66, 0xff))], 'ilseq'],
      ['refuses an empty path', [...open('')], 'noent'],
      ['refuses a path that is too long', [...open('x/'.repeat(2100))], 'nametoolong'],
      ['refuses a name that is too long', [...open('x'.repeat(300))], 'nametoolong'],
      ['refuses a file as a directory', [...open('file', 3, 1, 2)], 'notdir'],
      ['refuses to create what exists', [...open('file', 3, 1, 1 | 4)], 'exist'],
      ['refuses to write a directory', [...open('dir', 3, 1, 0, 64n)], 'isdir'],
      ['stats outside', [...stat('to-secret')], 'perm'],
      ['stats a link to outside itself', [...stat('to-secret', 0)], 'success'],
      ['stats ..', [...stat('..', 0)], 'perm'],
      ['stats ..', [...stat('dir/../..', 0)], 'perm'],
      ['makes a directory outside', ['path_create_directory', 3, 'to-outside/x'], 'perm'],
      ['makes a directory above', ['path_create_directory', 3, '../x'], 'perm'],
      ['makes a directory that exists', ['path_create_directory', 3, 'dir'], 'exist'],
      ['removes outside', ['path_unlink_file', 3, 'to-outside/secret'], 'perm'],
      ['removes a directory as a file', ['path_unlink_file', 3, 'dir'], 'isdir'],
      ['removes a file with a slash', ['path_unlink_file', 3, 'file/'], 'notdir'],
      ['removes a file as a directory', ['path_remove_directory', 3, 'file'], 'notdir'],
      ['removes a full directory', ['path_remove_directory', 3, 'dir'], 'notempty'],
      ['renames to outside', ['path_rename', 3, 'file', 3, 'to-outside/file'], 'perm'],
      ['renames from outside', ['path_rename', 3, 'to-outside/secret', 3, 'mine'], 'perm'],
      ['links from outside', ['path_link', 3, 0, 'to-outside/secret', 3, 'mine'], 'perm'],
      ['links to outside', ['path_link', 3, 0, 'file', 3, 'to-outside/file'], 'perm'],
      ['links a directory', ['path_link', 3, 0, 'dir', 3, 'mine'], 'perm'],
      ['links a followed link', ['path_link', 3, 1, 'to-file', 3, 'mine'], 'inval'],
      ['makes an absolute link', ['path_symlink', '/etc', 3, 'mine'], 'perm'],
      ['makes a link outside', ['path_symlink', 'x', 3, 'to-outside/mine'], 'perm'],
      ['makes a link that exists', ['path_symlink', 'x', 3, 'file'], 'exist'],
      ['reads a link that is none', ['path_readlink', 3, 'file', 0, 64, 512], 'inval'],
      ['reads a link outside', ['path_readlink', 3, 'to-outside/x', 0, 64, 512], 'perm'],
      ['sets times outside', ['path_filestat_set_times', 3, 1, 'to-secret', 1n, 1n, 5], 'perm'],
      ['sets a time twice', ['path_filestat_set_times', 3, 1, 'file', 1n, 1n, 3], 'inval'],
      ['looks up beneath a file', ['path_unlink_file', 3, 'file/inner'], 'notdir'],

      ['read-only mount: opens', [...open('file', 4)], 'success'],
      [
        'read-only mount: opens to read, as Go does',
        [...open('file', 4, 1, 0, 0x40_0102n)],
        'success',
      ],
      ['read-only mount: opens to write', [...open('file', 4, 1, 0, 64n)], 'rofs'],
      ['read-only mount: truncates', [...open('file', 4, 1, 8)], 'rofs'],
      ['read-only mount: creates what exists', [...open('file', 4, 1, 1)], 'success'],
      ['read-only mount: creates what does not', [...open('new', 4, 1, 1)], 'rofs'],
      ['read-only mount: creates what must not exist', [...open('file', 4, 1, 1 | 4)], 'exist'],
      ['read-only mount: makes a directory', ['path_create_directory', 4, 'new'], 'rofs'],
      ['read-only mount: removes a file', ['path_unlink_file', 4, 'file'], 'rofs'],
      ['read-only mount: removes a directory', ['path_remove_directory', 4, 'dir'], 'rofs'],
      ['read-only mount: links out of it', ['path_link', 4, 0, 'file', 3, 'mine'], 'rofs'],
      ['read-only mount: links into it', ['path_link', 3, 0, 'file', 4, 'mine'], 'rofs'],
      ['read-only mount: renames out of it', ['path_rename', 4, 'file', 3, 'mine'], 'rofs'],
      ['read-only mount: renames into it', ['path_rename', 3, 'file', 4, 'mine'], 'rofs'],
      ['read-only mount: makes a link', ['path_symlink', 'x', 4, 'mine'], 'rofs'],
      ['read-only mount: sets times', ['path_filestat_set_times', 4, 1, 'file', 1n, 1n, 5], 'rofs'],

      ['opens a file mount', [...open('.', 5)], 'success'],
      ['opens its neighbour', [...open('dir', 5)], 'noent'],
      ['opens its name', [...open('file', 5)], 'noent'],
      ['climbs out of it', [...open('../outside/secret', 5)], 'noent'],
      ['removes it', ['path_unlink_file', 5, '.'], 'busy'],
      ['renames it', ['path_rename', 5, '.', 3, 'mine'], 'busy'],
    ];

    for (const [what, [name, ...args], expected] of expectations) {
      it(`${name} ${what}: ${expected}`, () => {
        using scene = probe();
        assert.equal(scene.guest.callPath(name, ...args), expected);
        assert.equal(readFileSync(scene.directory.file('outside', 'secret'), 'utf8'), 'secret');
        if (expected !== 'success') {
          assert.equal(readFileSync(scene.directory.file('guest', 'file'), 'utf8'), 'content');
          assert.ok(!existsSync(scene.directory.file('guest', 'mine')));
        }
      });
    }

    it('makes, moves, links and removes', () => {
      using scene = probe();
      const { guest, directory } = scene;
      assert.equal(guest.callPath('path_create_directory', 3, 'new'), 'success');
      assert.equal(guest.callPath('path_rename', 3, 'file', 3, 'new/moved'), 'success');
      assert.equal(readFileSync(directory.file('guest', 'new', 'moved'), 'utf8'), 'content');
      assert.equal(guest.callPath('path_link', 3, 0, 'new/moved', 3, 'linked'), 'success');
      assert.equal(statSync(directory.file('guest', 'linked')).nlink, 2);
      assert.equal(guest.callPath('path_symlink', 'new/moved', 3, 'link'), 'success');
      assert.equal(readlinkSync(directory.file('guest', 'link')), 'new/moved');
      assert.equal(guest.callPath('path_unlink_file', 3, 'new/moved'), 'success');
      assert.equal(guest.callPath('path_remove_directory', 3, 'new/'), 'success');
      assert.ok(!existsSync(directory.file('guest', 'new')));
    });

    it('writes what a link holds, cut to the buffer, and nothing behind it', () => {
      using scene = probe();
      const { guest } = scene;
      guest.put(100, '########');
      assert.equal(guest.callPath('path_readlink', 3, 'to-file', 100, 3, 200), 'success');
      assert.equal(guest.u32(200), 3);
      assert.equal(guest.text(100, 8), 'fil#####');
    });

    it('writes metadata as 64 bytes', () => {
      using scene = probe();
      const { guest, directory } = scene;
      linkSync(directory.file('guest', 'file'), directory.file('guest', 'second'));
      const expected = statSync(directory.file('guest', 'file'), { bigint: true });
      guest.bytes.fill(0xff, 1000, 1200);
      assert.equal(guest.callPath('path_filestat_get', 3, 1, 'to-file', 1024), 'success');
      const fields = [1024, 1032, 1040, 1048, 1056, 1064, 1072, 1080].map((at) => guest.u64(at));
      const { dev: _, ino, nlink, size, atimeNs, mtimeNs, ctimeNs } = expected;
      assert.deepEqual(fields.slice(1), [ino, 4n, nlink, size, atimeNs, mtimeNs, ctimeNs]);
      assert.deepEqual([...guest.bytes.subarray(1088, 1092)], [0xff, 0xff, 0xff, 0xff]);
    });

    it('leaves nothing open when the result has nowhere to go', () => {
      using scene = probe();
      const { guest } = scene;
      const before = guest.open('file');
      assert.equal(guest.call('fd_close', before), 'success');
      assert.equal(
        guest.callPath('path_open', 3, 1, 'fresh', 1, 2n, 0n, 0, guest.size - 3),
        'fault',
      );
      assert.ok(!existsSync(scene.directory.file('guest', 'fresh')));
      assert.equal(guest.open('file'), before);
    });
  });
}
