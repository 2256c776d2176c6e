import type { SandboxMode, UserSpec } from '../container-spec.ts';

/** What a container process may still do once it stands in its sandbox. */
export interface SandboxPolicy {
  readonly mode: SandboxMode;
  readonly user: UserSpec;
  readonly files: readonly FileRule[];
  /** TCP ports that may be bound and connected to; no others. @default none */
  readonly tcp?: { readonly bind: readonly number[]; readonly connect: readonly number[] };
  /** Whether libuv's event loop, with its threads and sockets, runs in it. @default false */
  readonly eventLoop?: boolean;
}

/** Allows access to one file, or to everything beneath one directory. */
export interface FileRule {
  /** Absolute path on the host. */
  readonly path: string;
  /** Bits of Landlock's `fileAccess`. */
  readonly access: bigint;
}
