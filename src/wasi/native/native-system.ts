import { isMainThread } from 'node:worker_threads';
import { BeneathResolver } from '../libc/beneath-resolver.ts';
import { PathNames } from '../libc/path-names.ts';
import { Scratch } from '../libc/scratch.ts';
import { PollingWatcher } from '../system/polling-watcher.ts';
import type { System } from '../system/system.ts';
import type { Watcher } from '../system/watcher.ts';
import { DirectoryStream } from './directory-stream.ts';
import { NativeClocks } from './native-clocks.ts';
import { NativeDirectories } from './native-directories.ts';
import { NativeFiles } from './native-files.ts';
import { NativeMounts } from './native-mounts.ts';
import { NativePoller } from './native-poller.ts';
import { NativeRandomSource } from './native-random-source.ts';
import { NativeSockets } from './native-sockets.ts';
import { NativeStatus } from './native-status.ts';
import { NativeStreams } from './native-streams.ts';
import { NativeTimes } from './native-times.ts';
import { NativeVectors } from './native-vectors.ts';
import { NativeWatcher } from './native-watcher.ts';

/**
 * Linux by libc. Handles are the process's own file descriptors.
 *
 * Make one per process, before its sandbox closes; in a forked process make one after the fork,
 * so that random numbers are not shared between siblings.
 */
export class NativeSystem implements System {
  readonly clocks: NativeClocks;
  readonly directories: NativeDirectories;
  readonly files: NativeFiles;
  readonly mounts: NativeMounts;
  readonly poller: NativePoller;
  readonly random: NativeRandomSource;
  readonly sockets: NativeSockets;
  readonly streams: NativeStreams;
  readonly watcher: Watcher;

  constructor() {
    const scratch = new Scratch();
    const names = new PathNames(scratch);
    const status = new NativeStatus(scratch);
    const times = new NativeTimes(scratch);
    const vectors = new NativeVectors(scratch);
    const resolver = new BeneathResolver(scratch, names);
    const stream = new DirectoryStream(scratch);
    this.clocks = new NativeClocks(scratch);
    this.directories = new NativeDirectories({ scratch, names, resolver, stream, status, times });
    this.files = new NativeFiles({ names, status, times });
    this.mounts = new NativeMounts({ names, resolver, status });
    this.poller = new NativePoller(scratch, this.clocks);
    this.random = new NativeRandomSource(scratch);
    this.sockets = new NativeSockets(scratch, vectors);
    this.streams = new NativeStreams(vectors);
    this.watcher = isMainThread ? new NativeWatcher(scratch) : new PollingWatcher(this);
  }
}
