import { errno } from '../errno.ts';
import type { DirectoryEntry } from '../system/directories.ts';
import type { Context } from './context.ts';
import { right } from './rights.ts';

const direntSize = 24;

/** Names in a directory. */
export function fdReaddirFunctions({
  descriptors,
  memory,
  system,
}: Pick<Context, 'descriptors' | 'memory' | 'system'>) {
  /** Before the name: next cookie, inode, length of the name, type. */
  const header = Buffer.alloc(direntSize);

  function encode(entry: DirectoryEntry): void {
    header.writeBigUInt64LE(entry.next, 0);
    header.writeBigUInt64LE(entry.inode, 8);
    header.writeUInt32LE(entry.name.length, 16);
    header.writeUInt8(entry.type, 20);
  }

  return {
    /**
     * Fills the buffer with entries, `getdents` of Linux, from `cookie` on: 0, or an entry's next
     * one, which stays good while entries come and go. Writes how much is filled; less than all
     * means the end, else the last entry may be cut short and is to be read again.
     */
    fd_readdir(fd: number, buffer: number, size: number, cookie: bigint, result: number): number {
      const directory = descriptors.get(fd, right.fdReaddir);
      if (typeof directory === 'number') return directory;
      const end = (buffer >>> 0) + (size >>> 0);
      if (!memory.covers(buffer >>> 0, size >>> 0)) return errno.fault;
      if (!memory.covers(result >>> 0, 4)) return errno.fault;
      if (directory.onlyFile !== undefined) return errno.notdir;
      let at = buffer >>> 0;
      const put = (bytes: Uint8Array) => {
        memory.bytes.set(bytes.subarray(0, end - at), at);
        at += Math.min(bytes.length, end - at);
      };
      const failure = system.directories.entries(directory.handle, cookie, (entry) => {
        encode(entry);
        put(header);
        put(entry.name);
        return at < end;
      });
      if (failure === errno.success) memory.view.setUint32(result >>> 0, at - (buffer >>> 0), true);
      return failure;
    },
  };
}
