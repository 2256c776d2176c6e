import type { FileStatus } from '../system/file-status.ts';

/**
 * How metadata lies in guest memory. Snapshot 0 counts links in 32 bits, so what follows is eight
 * bytes earlier.
 */
export interface FilestatLayout {
  readonly size: number;
  write(view: DataView, pointer: number, status: FileStatus): void;
}

/** https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#filestat */
export const filestatLayout: FilestatLayout = {
  size: 64,
  write(view, pointer, status) {
    writeIdentity(view, pointer, status);
    view.setBigUint64(pointer + 24, status.links, true);
    writeSizeAndTimes(view, pointer + 32, status);
  },
};

export const snapshot0FilestatLayout: FilestatLayout = {
  size: 56,
  write(view, pointer, status) {
    writeIdentity(view, pointer, status);
    view.setUint32(pointer + 20, Number(BigInt.asUintN(32, status.links)), true);
    writeSizeAndTimes(view, pointer + 24, status);
  },
};

/** Device, inode and type, with zeros up to where the size is, or the links. */
function writeIdentity(view: DataView, pointer: number, status: FileStatus): void {
  view.setBigUint64(pointer, status.device, true);
  view.setBigUint64(pointer + 8, status.inode, true);
  view.setBigUint64(pointer + 16, BigInt(status.type), true);
}

function writeSizeAndTimes(view: DataView, pointer: number, status: FileStatus): void {
  view.setBigUint64(pointer, status.size, true);
  view.setBigUint64(pointer + 8, status.accessed, true);
  view.setBigUint64(pointer + 16, status.modified, true);
  view.setBigUint64(pointer + 24, status.changed, true);
}
