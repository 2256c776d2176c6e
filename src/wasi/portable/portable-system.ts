import { PollingWatcher } from '../system/polling-watcher.ts';
import type { System } from '../system/system.ts';
import { OpenHandles } from './open-handles.ts';
import { PortableClocks } from './portable-clocks.ts';
import { PortableDirectories } from './portable-directories.ts';
import { PortableFiles } from './portable-files.ts';
import { PortableMounts } from './portable-mounts.ts';
import { PortablePoller } from './portable-poller.ts';
import { PortableRandomSource } from './portable-random-source.ts';
import { PortableSockets } from './portable-sockets.ts';
import { PortableStreams } from './portable-streams.ts';

/**
 * Any platform by `node:fs`. Slower than libc, and weaker: paths are looked up by name before they
 * are used, so a process of the host that swaps directories meanwhile can lead a guest outside of
 * its mounts. There are no sockets, descriptors are always ready, and times are exact to a quarter
 * of a microsecond.
 */
export class PortableSystem implements System {
  readonly clocks = new PortableClocks();
  readonly directories: PortableDirectories;
  readonly files: PortableFiles;
  readonly mounts: PortableMounts;
  readonly poller = new PortablePoller();
  readonly random = new PortableRandomSource();
  readonly sockets = new PortableSockets();
  readonly streams: PortableStreams;
  readonly watcher = new PollingWatcher(this);

  constructor() {
    const handles = new OpenHandles();
    this.directories = new PortableDirectories(handles);
    this.files = new PortableFiles(handles);
    this.mounts = new PortableMounts(handles);
    this.streams = new PortableStreams(handles);
  }
}
