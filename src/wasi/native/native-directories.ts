import { errno } from '../errno.ts';
import type { BeneathResolver } from '../libc/beneath-resolver.ts';
import { lastErrno, outcome } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import { openFlag, openFlagsOf } from '../libc/open-flags.ts';
import type { PathNames } from '../libc/path-names.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import type { Directories, DirectoryEntry, OpenHow } from '../system/directories.ts';
import { type FileStatus, fileType } from '../system/file-status.ts';
import type { FileTimes } from '../system/files.ts';
import type { Handle } from '../system/system.ts';
import type { DirectoryStream } from './directory-stream.ts';
import type { NativeStatus } from './native-status.ts';
import type { NativeTimes } from './native-times.ts';

const emptyPath = 0x1000; // AT_EMPTY_PATH
const symlinkNoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
const removeDirectory = 0x200; // AT_REMOVEDIR
const newFileMode = 0o666;
const newDirectoryMode = 0o777;
const maxLinkLength = 4096;

export interface NativeDirectoriesComponents {
  readonly scratch: Scratch;
  readonly names: PathNames;
  readonly resolver: BeneathResolver;
  readonly stream: DirectoryStream;
  readonly status: NativeStatus;
  readonly times: NativeTimes;
}

/**
 * Files by name, on the `…at` calls. What names a file as a whole is opened by the resolver; what
 * changes a directory resolves the parent and gives the kernel the last name alone, which none of
 * those calls follows. So no path is looked up by anything but the resolver.
 */
export class NativeDirectories implements Directories {
  readonly #names: PathNames;
  readonly #resolver: BeneathResolver;
  readonly #stream: DirectoryStream;
  readonly #status: NativeStatus;
  readonly #times: NativeTimes;
  readonly #link: ScratchRegion;

  constructor(components: NativeDirectoriesComponents) {
    this.#names = components.names;
    this.#resolver = components.resolver;
    this.#stream = components.stream;
    this.#status = components.status;
    this.#times = components.times;
    this.#link = components.scratch.reserve(maxLinkLength);
  }

  open(directory: Handle, path: string, how: OpenHow): Handle {
    const mode = how.create ? newFileMode : 0;
    return this.#resolver.open(directory, path, openFlagsFor(how), mode);
  }

  status(directory: Handle, path: string, follow: boolean, into: FileStatus): number {
    if (isPlainName(path)) {
      const name = this.#names.first(path);
      if (name === 0n) return errno.nametoolong;
      const failure = this.#status.read(directory, name, symlinkNoFollow, into);
      const isTarget = !follow || into.type !== fileType.symbolicLink;
      if (failure !== errno.success || isTarget) return failure;
    }
    return this.#withPath(directory, path, follow, (fd) =>
      this.#status.read(fd, this.#names.empty, emptyPath, into),
    );
  }

  setTimes(directory: Handle, path: string, follow: boolean, times: FileTimes): number {
    return this.#withPath(directory, path, follow, (fd) =>
      outcome(libc.utimensat(fd, this.#names.empty, this.#times.place(times), emptyPath)),
    );
  }

  create(directory: Handle, path: string): number {
    return this.#withParent(directory, path, (parent, name) =>
      outcome(libc.mkdirat(parent, name, newDirectoryMode)),
    );
  }

  remove(directory: Handle, path: string, kind: 'directory' | 'file'): number {
    const flags = kind === 'directory' ? removeDirectory : 0;
    return this.#withParent(directory, path, (parent, name) =>
      outcome(libc.unlinkat(parent, name, flags)),
    );
  }

  rename(from: Handle, oldPath: string, to: Handle, newPath: string): number {
    return this.#withParents(from, oldPath, to, newPath, libc.renameat);
  }

  link(from: Handle, oldPath: string, to: Handle, newPath: string): number {
    // The kernel would look these up as a whole, through links too; they name directories.
    if (namesDirectory(oldPath)) return this.#refuseDirectory(from, oldPath);
    return this.#withParents(from, oldPath, to, newPath, (oldParent, oldName, newParent, newName) =>
      libc.linkat(oldParent, oldName, newParent, newName, 0),
    );
  }

  symlink(target: string, directory: Handle, path: string): number {
    return this.#withParent(directory, path, (parent, name) => {
      const content = this.#names.second(target);
      return content === 0n ? errno.nametoolong : outcome(libc.symlinkat(content, parent, name));
    });
  }

  readlink(directory: Handle, path: string, into: Uint8Array): number {
    const { address, bytes } = this.#link;
    const fd = this.#resolver.open(directory, path, openFlag.path | openFlag.noFollow);
    if (fd < 0) return fd;
    const length = libc.readlinkat(fd, this.#names.empty, address, BigInt(maxLinkLength));
    const failure = length === -1 ? lastErrno() : errno.success;
    libc.close(fd);
    // For the empty path the kernel says that there is no such link: it is something else.
    if (failure !== errno.success) return -(failure === errno.noent ? errno.inval : failure);
    return bytes.copy(into, 0, 0, length);
  }

  entries(directory: Handle, cookie: bigint, visit: (entry: DirectoryEntry) => boolean): number {
    return this.#stream.entries(directory, cookie, visit);
  }

  /** Runs `action` on a descriptor that only stands for what the path names. */
  #withPath(
    directory: Handle,
    path: string,
    follow: boolean,
    action: (fd: number) => number,
  ): number {
    const flags = openFlag.path | (follow ? 0 : openFlag.noFollow);
    const fd = this.#resolver.open(directory, path, flags);
    if (fd < 0) return -fd;
    const result = action(fd);
    libc.close(fd);
    return result;
  }

  /** Runs `action` on the directory that holds the last name of the path, and on that name. */
  #withParent(
    directory: Handle,
    path: string,
    action: (parent: number, name: bigint) => number,
  ): number {
    const start = lastNameStart(path);
    const parent = start === 0 ? directory : this.#openParent(directory, path.slice(0, start));
    if (parent < 0) return -parent;
    const name = this.#names.first(path.slice(start));
    const result = name === 0n ? errno.nametoolong : action(parent, name);
    if (start !== 0) libc.close(parent);
    return result;
  }

  #withParents(
    from: Handle,
    oldPath: string,
    to: Handle,
    newPath: string,
    call: (oldParent: number, oldName: bigint, newParent: number, newName: bigint) => number,
  ): number {
    const start = lastNameStart(oldPath);
    const parent = start === 0 ? from : this.#openParent(from, oldPath.slice(0, start));
    if (parent < 0) return -parent;
    const result = this.#withParent(to, newPath, (newParent, newName) => {
      const oldName = this.#names.second(oldPath.slice(start));
      return oldName === 0n
        ? errno.nametoolong
        : outcome(call(parent, oldName, newParent, newName));
    });
    if (start !== 0) libc.close(parent);
    return result;
  }

  #openParent(directory: Handle, path: string): number {
    return this.#resolver.open(directory, path, openFlag.path | openFlag.directory);
  }

  #refuseDirectory(directory: Handle, path: string): number {
    const fd = this.#openParent(directory, path);
    if (fd < 0) return -fd;
    libc.close(fd);
    return errno.perm;
  }
}

function openFlagsFor(how: OpenHow): number {
  let flags = openFlagsOf(how.flags) | openFlag.noTerminal;
  if (how.write) flags |= how.read ? openFlag.readWrite : openFlag.writeOnly;
  if (how.create) flags |= how.exclusive ? openFlag.create | openFlag.exclusive : openFlag.create;
  if (how.directory) flags |= openFlag.directory;
  if (how.truncate) flags |= openFlag.truncate;
  if (!how.follow) flags |= openFlag.noFollow;
  return flags;
}

/** Whether a path is one name in the directory itself. */
function isPlainName(path: string): boolean {
  return path !== '..' && !path.includes('/');
}

/** Whether a path can only mean a directory: it ends in a slash, `.` or `..`. */
function namesDirectory(path: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(path);
}

/** Where the last name starts, slashes behind it not counted; 0 if the path is one name. */
function lastNameStart(path: string): number {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  if (end === 0) return path.length;
  return path.lastIndexOf('/', end - 1) + 1;
}
