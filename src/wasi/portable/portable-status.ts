import type { BigIntStats } from 'node:fs';
import { type FileStatus, fileTypeOfMode } from '../system/file-status.ts';

/** Takes over what `node:fs` says of a file. */
export function takeStatus(into: FileStatus, stats: BigIntStats): void {
  into.device = BigInt.asUintN(64, stats.dev);
  into.inode = BigInt.asUintN(64, stats.ino);
  into.type = fileTypeOfMode(Number(stats.mode));
  into.links = stats.nlink;
  into.size = stats.size;
  into.accessed = BigInt.asUintN(64, stats.atimeNs);
  into.modified = BigInt.asUintN(64, stats.mtimeNs);
  into.changed = BigInt.asUintN(64, stats.ctimeNs);
}
