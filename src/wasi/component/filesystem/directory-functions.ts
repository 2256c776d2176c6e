import { errno } from '../../errno.ts';
import type { OpenHow } from '../../system/directories.ts';
import { fileFlag } from '../../system/files.ts';
import type { FlagsOf } from '../abi/flags.ts';
import { borrow, own } from '../abi/handles.ts';
import type { HostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { error, ok, type Result, result, unit } from '../abi/variants.ts';
import { Descriptor } from './descriptor.ts';
import type { Dialect } from './dialect.ts';
import { type ErrorCode, errorCodeOf, statusResult } from './error-code.ts';
import { fileTimesOf, newTimestamp } from './file-times.ts';
import { type DescriptorFlag, descriptorFlags, openFlags, pathFlags } from './open-flags.ts';

const self = borrow(() => Descriptor);

const longestLink = 4096;

/** Does `act` with a path that looking up gave, or answers with the error it gave. */
function withPath(
  path: string | number,
  act: (path: string) => number,
): Result<undefined, ErrorCode> {
  return statusResult(typeof path === 'number' ? path : act(path));
}

function withPaths(
  from: string | number,
  to: string | number,
  act: (from: string, to: string) => number,
): Result<undefined, ErrorCode> {
  return withPath(from, (oldPath) => (typeof to === 'number' ? to : act(oldPath, to)));
}

/** What is done to files by their names beneath a directory. */
export function directoryFunctions(dialect: Dialect): Record<string, HostFunction> {
  const { define, errorCode } = dialect;
  const nothing = result(unit, errorCode);
  const time = newTimestamp(dialect);
  return {
    '[method]descriptor.open-at': define(
      [self, pathFlags, string, openFlags, descriptorFlags],
      result(
        own(() => Descriptor),
        errorCode,
      ),
      (_guest, directory, { symlinkFollow }, path, how, access) =>
        directory.open(path, openHow(symlinkFollow, how, access), access.mutateDirectory),
    ),
    '[method]descriptor.create-directory-at': define(
      [self, string],
      nothing,
      (_guest, directory, path) =>
        withPath(directory.lookUpToChange(path), (name) =>
          directory.system.directories.create(directory.handle, name),
        ),
    ),
    '[method]descriptor.set-times-at': define(
      [self, pathFlags, string, time, time],
      nothing,
      (_guest, directory, { symlinkFollow }, path, accessed, modified) =>
        withPath(directory.lookUpToChange(path), (name) =>
          directory.system.directories.setTimes(
            directory.handle,
            name,
            symlinkFollow,
            fileTimesOf(accessed, modified),
          ),
        ),
    ),
    '[method]descriptor.link-at': define(
      [self, pathFlags, string, self, string],
      nothing,
      (_guest, from, { symlinkFollow }, oldPath, to, newPath) => {
        if (symlinkFollow) return error('invalid');
        return withPaths(from.lookUpToChange(oldPath), to.lookUpToChange(newPath), (old, made) =>
          from.system.directories.link(from.handle, old, to.handle, made),
        );
      },
    ),
    '[method]descriptor.rename-at': define(
      [self, string, self, string],
      nothing,
      (_guest, from, oldPath, to, newPath) =>
        withPaths(from.lookUpToChange(oldPath), to.lookUpToChange(newPath), (old, renamed) =>
          from.system.directories.rename(from.handle, old, to.handle, renamed),
        ),
    ),
    ...linkFunctions(dialect),
  };
}

function linkFunctions({ define, errorCode }: Dialect): Record<string, HostFunction> {
  const nothing = result(unit, errorCode);
  return {
    '[method]descriptor.symlink-at': define(
      [self, string, string],
      nothing,
      (_guest, directory, target, path) => {
        // Followed, it would be refused by the system; written, it could mislead a host's program.
        if (target.startsWith('/')) return error('not-permitted');
        return withPath(directory.lookUpToChange(path), (name) =>
          directory.system.directories.symlink(target, directory.handle, name),
        );
      },
    ),
    '[method]descriptor.readlink-at': define(
      [self, string],
      result(string, errorCode),
      (_guest, directory, path) => readLink(directory, path),
    ),
    '[method]descriptor.remove-directory-at': define(
      [self, string],
      nothing,
      (_guest, directory, path) => remove(directory, path, 'directory'),
    ),
    '[method]descriptor.unlink-file-at': define(
      [self, string],
      nothing,
      (_guest, directory, path) => remove(directory, path, 'file'),
    ),
  };
}

/** What is opened neither to read nor to write is opened to read; a new file also to be written. */
function openHow(
  follow: boolean,
  how: FlagsOf<'create' | 'directory' | 'exclusive' | 'truncate'>,
  access: FlagsOf<DescriptorFlag>,
): OpenHow {
  return {
    ...how,
    follow,
    read: access.read || !access.write,
    write: access.write || (how.create && how.exclusive),
    flags:
      (access.fileIntegritySync ? fileFlag.sync : 0) |
      (access.dataIntegritySync ? fileFlag.dsync : 0) |
      (access.requestedWriteSync ? fileFlag.rsync : 0),
  };
}

function remove(
  directory: Descriptor,
  path: string,
  kind: 'directory' | 'file',
): Result<undefined, ErrorCode> {
  // The system looks only at the link itself, but a slash behind it means what it leads to.
  if (path.endsWith('/') && directory.statusAt(path, true) === errno.perm) {
    return error('not-permitted');
  }
  return withPath(directory.lookUpToChange(path), (name) =>
    directory.system.directories.remove(directory.handle, name, kind),
  );
}

function readLink(directory: Descriptor, path: string): Result<string, ErrorCode> {
  const name = directory.lookUp(path);
  if (typeof name === 'number') return error(errorCodeOf(name));
  const into = Buffer.alloc(longestLink);
  const length = directory.system.directories.readlink(directory.handle, name, into);
  if (length < 0) return error(errorCodeOf(-length));
  const target = into.toString('utf8', 0, length);
  return target.startsWith('/') ? error('not-permitted') : ok(target);
}
