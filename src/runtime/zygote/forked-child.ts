import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { openPipe } from '../../wasi/libc/pipe.ts';
import { becomeContainer } from '../container/become-container.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import type { ContainerChild } from './container-child.ts';
import type { Fork } from './fork.ts';
import type { Reaper } from './reaper.ts';
import type { StartRequest } from './zygote-protocol.ts';

export interface ForkedChildComponents {
  readonly fork: Fork;
  readonly reaper: Reaper;
  readonly bodies: ContainerBodies;
  /** See `wakeupDescriptors`. */
  readonly wakeups: readonly number[];
}

/** Makes a container process by forking this one. */
export function forkChild(
  components: ForkedChildComponents,
  request: StartRequest,
): ContainerChild {
  const { fork, reaper, bodies, wakeups } = components;
  const { directory, cgroups } = request;
  const pipe = openPipe();
  if (typeof pipe === 'number') throw new Error(`Cannot make a pipe: errno ${-pipe}`);
  const pid = fork.run(() =>
    becomeContainer({ directory, cgroups, report: pipe.write, wakeups }, bodies),
  );
  const end = reaper.endOf(pid);
  closeSync(pipe.write);
  return { pid, form: 'fork', report: new Socket({ fd: pipe.read, writable: false }), end };
}
