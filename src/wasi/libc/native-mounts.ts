import { errno } from '../errno.ts';
import type { Mounts } from '../system/mounts.ts';
import type { Handle } from '../system/system.ts';
import type { BeneathResolver } from './beneath-resolver.ts';
import { lastErrno } from './errno.ts';
import { libc } from './library.ts';
import { openFlag } from './open-flags.ts';
import type { PathNames } from './path-names.ts';

/**
 * Opens host directories by `open`; one that may not be listed still serves lookups. Where the
 * kernel has no `openat2` for them, or forbids it, a mount fails at once, with `nosys` or `perm`.
 */
export class NativeMounts implements Mounts {
  readonly #names: PathNames;
  readonly #resolver: BeneathResolver;

  constructor(names: PathNames, resolver: BeneathResolver) {
    this.#names = names;
    this.#resolver = resolver;
  }

  open(hostPath: string): Handle {
    const directory = this.#open(hostPath);
    if (directory < 0) return directory;
    const itself = this.#resolver.open(directory, '.', openFlag.path);
    libc.close(itself < 0 ? directory : itself);
    return itself < 0 ? itself : directory;
  }

  #open(hostPath: string): Handle {
    const path = this.#names.first(hostPath);
    if (path === 0n) return -errno.nametoolong;
    const flags = openFlag.directory | openFlag.closeOnExec;
    const listable = libc.open(path, flags, 0);
    if (listable !== -1) return listable;
    const failure = lastErrno();
    const reachable = failure === errno.acces ? libc.open(path, flags | openFlag.path, 0) : -1;
    return reachable === -1 ? -failure : reachable;
  }
}
