import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { DirectoryEntry } from '../system/directories.ts';
import { fileTypeOfMode } from '../system/file-status.ts';
import type { OpenDirectory } from './open-handles.ts';

/**
 * Hands out entries from a snapshot that is taken whenever a listing starts over, so that cookies
 * stay good while entries come and go. One that has gone meanwhile is left out.
 */
export function listEntries(
  directory: OpenDirectory,
  cookie: bigint,
  visit: (entry: DirectoryEntry) => boolean,
): void {
  if (cookie === 0n) directory.listing = ['.', '..', ...readdirSync(directory.path)];
  for (const [index, name] of directory.listing.entries()) {
    if (index < cookie) continue;
    const stats = lstatSync(path.join(directory.path, name), {
      bigint: true,
      throwIfNoEntry: false,
    });
    if (stats === undefined) continue;
    const entry = {
      inode: stats.ino,
      next: BigInt(index + 1),
      type: fileTypeOfMode(Number(stats.mode)),
      name: Buffer.from(name),
    };
    if (!visit(entry)) return;
  }
}
