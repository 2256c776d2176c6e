import type { ModuleRequests } from '../experimental-http/module-requests.ts';
import type { GuestMemory } from '../guest-memory.ts';
import type { IoVectors } from '../io-vectors.ts';
import type { FileStatus } from '../system/file-status.ts';
import type { System } from '../system/system.ts';
import type { DescriptorTable } from './descriptor-table.ts';
import type { GuestExit } from './guest-exit.ts';

/** What the host functions of one guest share. Each file of functions names what it uses of it. */
export interface Context {
  /** Arguments, UTF-8 with the terminating zero. */
  readonly args: readonly Uint8Array[];
  /** `NAME=value`, UTF-8 with the terminating zero. */
  readonly environ: readonly Uint8Array[];
  readonly descriptors: DescriptorTable;
  readonly exit: GuestExit;
  /** Sends requests for modules that know wasi_experimental_http. */
  readonly http: ModuleRequests | undefined;
  readonly memory: GuestMemory;
  readonly system: System;
  /** The list of the call that is running. */
  readonly vectors: IoVectors;
  /** The metadata that the call that is running has asked for. */
  readonly status: FileStatus;
}
