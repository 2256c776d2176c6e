import type { FileStatus } from './file-status.ts';
import type { Handle } from './system.ts';

/** What may be asked of an open file itself. Every method returns an error number. */
export interface Files {
  status(handle: Handle, into: FileStatus): number;

  setSize(handle: Handle, size: bigint): number;

  setTimes(handle: Handle, times: FileTimes): number;

  /** Waits until the data, and the metadata unless `dataOnly`, are on the disk. */
  sync(handle: Handle, dataOnly: boolean): number;

  /** Makes room for a range, growing the file to its end; `notsup` where the disk cannot. */
  allocate(handle: Handle, offset: bigint, length: bigint): number;

  /** Says how a range will be used: `advice` by preview1's numbers, 0 (normal) to 5 (noreuse). */
  advise(handle: Handle, offset: bigint, length: bigint, advice: number): number;

  /** Changes what can be changed of an open file: {@link fileFlag.append} and `nonblock`. */
  setFlags(handle: Handle, flags: number): number;

  /** The flags in force, or a negated error number. */
  flags(handle: Handle): number;
}

/** How a file is written to, by preview1's bits. */
export const fileFlag = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;

/** New access and modification times. One instance is filled again and again. */
export class FileTimes {
  accessed: NewTime = 'keep';
  modified: NewTime = 'keep';
}

/** Nanoseconds since 1970, the present, or the time that the file has. */
export type NewTime = bigint | 'now' | 'keep';
