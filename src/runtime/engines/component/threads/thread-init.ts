import type { MessagePort } from 'node:worker_threads';
import type { Compiled } from '../../../../wasi/component/link/program.ts';
import type { ThreadMemory } from '../../../../wasi/component/threads/thread-memory.ts';
import type { ContainerSpec } from '../../../container-spec.ts';
import type { RouteHandles } from '../../pod-routes.ts';
import type { OpenMount } from '../component-world.ts';
import type { ThreadSources } from './thread-sources.ts';

/** What a thread is told when it starts: everything it needs. Plain data, a port, and memory that is shared. */
export interface ThreadInit {
  readonly spec: ContainerSpec;
  /** Compiled once, and shared with its code. */
  readonly component: Compiled;
  readonly opened: ThreadDescriptors;
  readonly memory: ThreadMemory;
  /** Leads to who watches what its guests wait for. */
  readonly watching: MessagePort;
  /** Whether standard output and error are terminals. */
  readonly terminals: { readonly stdout: boolean; readonly stderr: boolean };
  readonly sources: ThreadSources;
}

/** What was opened before the sandbox closed, which all threads have. */
export interface ThreadDescriptors {
  readonly stdin: number;
  /** The spec's mounts. */
  readonly mounts: readonly OpenMount[];
  readonly routes: RouteHandles;
}
