import { fileFlag } from '../system/files.ts';

/** `O_…` flags that are the same on x86-64 and arm64. */
const common = {
  readOnly: 0,
  writeOnly: 1,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  noTerminal: 0o400,
  truncate: 0o1000,
  append: 0o2000,
  nonblock: 0o4000,
  dataSync: 0o10000,
  closeOnExec: 0o2000000,
  sync: 0o4010000,
  path: 0o10000000,
} as const;

/** The rest of `asm/fcntl.h`. */
const ofArchitecture =
  process.arch === 'arm64'
    ? { directory: 0o40000, noFollow: 0o100000 }
    : { directory: 0o200000, noFollow: 0o400000 };

export const openFlag = { ...common, ...ofArchitecture };

/** The open flags for preview1's fdflags. Linux does a read-sync with every sync. */
export function openFlagsOf(fileFlags: number): number {
  let flags = 0;
  if (fileFlags & fileFlag.append) flags |= openFlag.append;
  if (fileFlags & fileFlag.nonblock) flags |= openFlag.nonblock;
  if (fileFlags & fileFlag.dsync) flags |= openFlag.dataSync;
  if (fileFlags & (fileFlag.sync | fileFlag.rsync)) flags |= openFlag.sync;
  return flags;
}

/** Preview1's fdflags for open flags as `fcntl` tells them. */
export function fileFlagsOf(openFlags: number): number {
  let flags = 0;
  if (openFlags & openFlag.append) flags |= fileFlag.append;
  if (openFlags & openFlag.nonblock) flags |= fileFlag.nonblock;
  if ((openFlags & openFlag.sync) === openFlag.sync) flags |= fileFlag.sync | fileFlag.rsync;
  else if (openFlags & openFlag.dataSync) flags |= fileFlag.dsync;
  return flags;
}
