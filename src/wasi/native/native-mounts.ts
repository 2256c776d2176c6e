import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { errno } from '../errno.ts';
import { BeneathResolver } from '../libc/beneath-resolver.ts';
import { lastErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import { openFlag } from '../libc/open-flags.ts';
import { PathNames } from '../libc/path-names.ts';
import { Scratch } from '../libc/scratch.ts';
import { FileStatus } from '../system/file-status.ts';
import type { FilePlace, Mounts } from '../system/mounts.ts';
import type { Handle } from '../system/system.ts';
import { NativeStatus } from './native-status.ts';

const emptyPath = 0x1000; // AT_EMPTY_PATH
const symlinkNoFollow = 0x100; // AT_SYMLINK_NOFOLLOW

export interface NativeMountsComponents {
  readonly names: PathNames;
  readonly resolver: BeneathResolver;
  readonly status: NativeStatus;
}

/**
 * Opens the host's directories by `open` and what lies beneath them by the resolver; a directory
 * that may not be listed still serves lookups. Where the kernel has no `openat2`, or forbids it, a
 * mount fails at once, with `nosys` or `perm`.
 */
export class NativeMounts implements Mounts {
  readonly #names: PathNames;
  readonly #resolver: BeneathResolver;
  readonly #status: NativeStatus;

  constructor({ names, resolver, status }: NativeMountsComponents) {
    this.#names = names;
    this.#resolver = resolver;
    this.#status = status;
  }

  open(hostPath: string, subPath = '.'): Handle {
    return this.#within(hostPath, (root) => {
      const listable = this.#resolver.open(root, subPath, openFlag.directory);
      if (listable !== -errno.acces) return listable;
      return this.#resolver.open(root, subPath, openFlag.directory | openFlag.path);
    });
  }

  openFile(hostPath: string, subPath: string): FilePlace | number {
    return this.#within(hostPath, (root) => {
      const file = this.#resolver.open(root, subPath, openFlag.path);
      if (file < 0) return file;
      try {
        return this.#placeOf(root, file);
      } finally {
        libc.close(file);
      }
    });
  }

  /** Runs `action` on a descriptor that only stands for the directory. */
  #within<T>(hostPath: string, action: (root: number) => T): T | number {
    const name = this.#names.first(hostPath);
    if (name === 0n) return -errno.nametoolong;
    const root = libc.open(name, openFlag.directory | openFlag.path | openFlag.closeOnExec, 0);
    if (root === -1) return -lastErrno();
    try {
      return action(root);
    } finally {
      libc.close(root);
    }
  }

  /** Where an open file lies now. It may be moved meanwhile: then it is `again`. */
  #placeOf(root: number, file: number): FilePlace | number {
    const place = path.relative(pathOf(root), pathOf(file));
    const parent = openFlag.directory | openFlag.path;
    const directory = this.#resolver.open(root, path.dirname(place), parent);
    if (directory < 0) return directory;
    const name = path.basename(place);
    if (this.#isSame(directory, name, file)) return { directory, name };
    libc.close(directory);
    return -errno.again;
  }

  #isSame(directory: number, name: string, file: number): boolean {
    const [named, open] = [new FileStatus(), new FileStatus()];
    const failure =
      this.#status.read(directory, this.#names.first(name), symlinkNoFollow, named) ||
      this.#status.read(file, this.#names.empty, emptyPath, open);
    return failure === 0 && named.inode === open.inode && named.device === open.device;
  }
}

/** Mounts for a process that needs no more of a system. */
export function nativeMounts(): NativeMounts {
  const scratch = new Scratch();
  const names = new PathNames(scratch);
  const resolver = new BeneathResolver(scratch, names);
  return new NativeMounts({ names, resolver, status: new NativeStatus(scratch) });
}

function pathOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
