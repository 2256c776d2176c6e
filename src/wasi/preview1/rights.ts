import { fileType } from '../system/file-status.ts';

/**
 * What a descriptor may be used for. All are below bit 30, so they are kept as numbers.
 *
 * https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#rights
 */
export const right = {
  fdDatasync: 1 << 0,
  fdRead: 1 << 1,
  fdSeek: 1 << 2,
  fdFdstatSetFlags: 1 << 3,
  fdSync: 1 << 4,
  fdTell: 1 << 5,
  fdWrite: 1 << 6,
  fdAdvise: 1 << 7,
  fdAllocate: 1 << 8,
  pathCreateDirectory: 1 << 9,
  pathCreateFile: 1 << 10,
  pathLinkSource: 1 << 11,
  pathLinkTarget: 1 << 12,
  pathOpen: 1 << 13,
  fdReaddir: 1 << 14,
  pathReadlink: 1 << 15,
  pathRenameSource: 1 << 16,
  pathRenameTarget: 1 << 17,
  pathFilestatGet: 1 << 18,
  pathFilestatSetSize: 1 << 19,
  pathFilestatSetTimes: 1 << 20,
  fdFilestatGet: 1 << 21,
  fdFilestatSetSize: 1 << 22,
  fdFilestatSetTimes: 1 << 23,
  pathSymlink: 1 << 24,
  pathRemoveDirectory: 1 << 25,
  pathUnlinkFile: 1 << 26,
  pollFdReadwrite: 1 << 27,
  sockShutdown: 1 << 28,
  sockAccept: 1 << 29,
} as const;

export const allRights = 2 ** 30 - 1;

const streamRights =
  right.fdRead |
  right.fdWrite |
  right.fdFdstatSetFlags |
  right.fdFilestatGet |
  right.pollFdReadwrite;

const fileRights =
  streamRights |
  right.fdDatasync |
  right.fdSeek |
  right.fdSync |
  right.fdTell |
  right.fdAdvise |
  right.fdAllocate |
  right.fdFilestatSetSize |
  right.fdFilestatSetTimes;

export const directoryRights =
  right.fdFdstatSetFlags |
  right.fdSync |
  right.fdAdvise |
  right.pathCreateDirectory |
  right.pathCreateFile |
  right.pathLinkSource |
  right.pathLinkTarget |
  right.pathOpen |
  right.fdReaddir |
  right.pathReadlink |
  right.pathRenameSource |
  right.pathRenameTarget |
  right.pathFilestatGet |
  right.pathFilestatSetSize |
  right.pathFilestatSetTimes |
  right.fdFilestatGet |
  right.fdFilestatSetTimes |
  right.pathSymlink |
  right.pathRemoveDirectory |
  right.pathUnlinkFile;

const socketRights = streamRights | right.sockShutdown | right.sockAccept;

/**
 * The rights that make sense on a kind of file. A terminal has neither seek nor tell: by that
 * libc's `isatty` knows it.
 */
export function rightsOfType(type: number): number {
  switch (type) {
    case fileType.directory:
      return directoryRights;
    case fileType.characterDevice:
      return streamRights;
    case fileType.socketDgram:
    case fileType.socketStream:
      return socketRights;
    default:
      return fileRights;
  }
}

/** Rights as a guest passes them; bits that mean nothing are dropped. */
export function rightsFrom(bits: bigint): number {
  return Number(BigInt.asUintN(30, bits));
}
