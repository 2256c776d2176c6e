import { dlopen } from 'node:ffi';
import { errno } from '../errno.ts';
import { lastErrno } from './errno.ts';
import { openFlag } from './open-flags.ts';
import type { PathNames } from './path-names.ts';
import type { Scratch, ScratchRegion } from './scratch.ts';
import { systemCallArchitecture, systemCallNumber } from './syscall-numbers.ts';

// libc has no function for it; `syscall` gets narrower arguments here than in the library's table.
const { functions } = dlopen('libc.so.6', {
  syscall: { arguments: ['i32', 'i32', 'u64', 'u64', 'u32'], return: 'i64' },
});

const beneathWithoutMagicLinks = 0x08 | 0x02; // RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS
const structSize = 24;

/** How often a lookup is repeated that raced with a rename of a directory on its way. */
const maxAttempts = 64;

/**
 * The one resolver of guest paths: `openat2`, told to stay beneath the directory, so that the
 * kernel refuses what would leave it, races included.
 *
 * https://man7.org/linux/man-pages/man2/openat2.2.html
 */
export class BeneathResolver {
  readonly #how: ScratchRegion;
  readonly #names: PathNames;
  readonly #number: number;

  constructor(scratch: Scratch, names: PathNames) {
    this.#how = scratch.reserve(structSize);
    this.#how.view.setBigUint64(16, BigInt(beneathWithoutMagicLinks), true);
    this.#names = names;
    this.#number = systemCallNumber('openat2', systemCallArchitecture() ?? 'x64') ?? -1;
  }

  /**
   * @param flags of {@link openFlag}
   * @param mode permissions of a file that is created
   * @returns the descriptor or a negated error number: `perm` for a path that leads outside
   */
  open(directory: number, path: string, flags: number, mode = 0): number {
    const name = this.#names.first(path);
    if (name === 0n) return -errno.nametoolong;
    this.#how.view.setUint32(0, flags | openFlag.closeOnExec, true);
    this.#how.view.setUint32(8, mode, true);
    for (let attempt = 1; ; attempt += 1) {
      const opened = functions.syscall(
        this.#number,
        directory,
        name,
        this.#how.address,
        structSize,
      );
      if (opened !== -1n) return Number(opened);
      const failure = lastErrno();
      if (failure === errno.xdev) return -errno.perm;
      const again = failure === errno.again || failure === errno.intr;
      if (!again || attempt === maxAttempts) return -failure;
    }
  }
}
