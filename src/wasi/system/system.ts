import type { Clocks } from './clocks.ts';
import type { Directories } from './directories.ts';
import type { Files } from './files.ts';
import type { Mounts } from './mounts.ts';
import type { Poller } from './poller.ts';
import type { RandomSource } from './random-source.ts';
import type { Sockets } from './sockets.ts';
import type { Streams } from './streams.ts';
import type { Watcher } from './watcher.ts';

/**
 * What a WASI host needs of the operating system. There are two: libc by FFI on Linux, where the
 * kernel itself keeps a guest beneath its directories, and `node:fs` anywhere else.
 *
 * An open thing goes by its {@link Handle}. Methods do not throw; they return an error number, or
 * a result that is negative for an error (see `errno`). Each is called by one guest at a time,
 * blocks until it is done, and starts over by itself when a signal interrupts it.
 */
export interface System {
  readonly clocks: Clocks;
  readonly directories: Directories;
  readonly files: Files;
  readonly mounts: Mounts;
  readonly poller: Poller;
  readonly random: RandomSource;
  readonly sockets: Sockets;
  readonly streams: Streams;
  readonly watcher: Watcher;
}

/** A number that a system gave out for something open; meaningless to any other system. */
export type Handle = number;

/** The handle of nothing: every call on it answers `badf`. */
export const noHandle: Handle = -1;
