import { getInt32 } from 'node:ffi';
import { errno } from '../errno.ts';
import { libc } from './library.ts';

/** The one translation of Linux's error numbers, the same on x86-64 and arm64, into WASI's. */
const wasiErrnos = new Uint8Array(134).fill(errno.io);

for (const [linux, wasi] of [
  [0, errno.success],
  [1, errno.perm],
  [2, errno.noent],
  [3, errno.srch],
  [4, errno.intr],
  [5, errno.io],
  [6, errno.nxio],
  [7, errno['2big']],
  [8, errno.noexec],
  [9, errno.badf],
  [10, errno.child],
  [11, errno.again],
  [12, errno.nomem],
  [13, errno.acces],
  [14, errno.fault],
  [16, errno.busy],
  [17, errno.exist],
  [18, errno.xdev],
  [19, errno.nodev],
  [20, errno.notdir],
  [21, errno.isdir],
  [22, errno.inval],
  [23, errno.nfile],
  [24, errno.mfile],
  [25, errno.notty],
  [26, errno.txtbsy],
  [27, errno.fbig],
  [28, errno.nospc],
  [29, errno.spipe],
  [30, errno.rofs],
  [31, errno.mlink],
  [32, errno.pipe],
  [33, errno.dom],
  [34, errno.range],
  [35, errno.deadlk],
  [36, errno.nametoolong],
  [37, errno.nolck],
  [38, errno.nosys],
  [39, errno.notempty],
  [40, errno.loop],
  [42, errno.nomsg],
  [43, errno.idrm],
  [67, errno.nolink],
  [71, errno.proto],
  [72, errno.multihop],
  [74, errno.badmsg],
  [75, errno.overflow],
  [84, errno.ilseq],
  [88, errno.notsock],
  [89, errno.destaddrreq],
  [90, errno.msgsize],
  [91, errno.prototype],
  [92, errno.noprotoopt],
  [93, errno.protonosupport],
  [95, errno.notsup],
  [97, errno.afnosupport],
  [98, errno.addrinuse],
  [99, errno.addrnotavail],
  [100, errno.netdown],
  [101, errno.netunreach],
  [102, errno.netreset],
  [103, errno.connaborted],
  [104, errno.connreset],
  [105, errno.nobufs],
  [106, errno.isconn],
  [107, errno.notconn],
  [110, errno.timedout],
  [111, errno.connrefused],
  [113, errno.hostunreach],
  [114, errno.already],
  [115, errno.inprogress],
  [116, errno.stale],
  [122, errno.dquot],
  [125, errno.canceled],
  [130, errno.ownerdead],
  [131, errno.notrecoverable],
] as const) {
  wasiErrnos[linux] = wasi;
}

/** WASI's number for one of Linux's; `io` for those that WASI does not know. */
export function wasiErrno(linux: number): number {
  return wasiErrnos[linux] ?? errno.io;
}

/** The error number of the libc call that has just failed in this thread, as WASI's. */
export function lastErrno(): number {
  return wasiErrno(getInt32(libc.__errno_location(), 0));
}

/** The outcome of a libc call that answers 0 or -1. */
export function outcome(result: number): number {
  return result === -1 ? lastErrno() : errno.success;
}
