import { isUtf8 } from 'node:buffer';
import { errno } from '../errno.ts';
import type { GuestMemory } from '../guest-memory.ts';

/** `PATH_MAX`, without the terminating zero. */
const maxLength = 4095;

const replacement = '\ufffd';

/**
 * A path that the guest passes.
 *
 * @returns `fault`; `noent` for none at all; `nametoolong`; `ilseq` unless UTF-8; `inval` for a NUL
 */
export function readPath(memory: GuestMemory, pointer: number, length: number): string | number {
  if (!memory.covers(pointer, length)) return errno.fault;
  if (length === 0) return errno.noent;
  if (length > maxLength) return errno.nametoolong;
  const path = memory.bytes.toString('utf8', pointer, pointer + length);
  // Decoding puts this character in place of what is wrong: only then it is worth a second look.
  const suspect = path.includes(replacement);
  if (suspect && !isUtf8(memory.bytes.subarray(pointer, pointer + length))) return errno.ilseq;
  return path.includes('\0') ? errno.inval : path;
}
