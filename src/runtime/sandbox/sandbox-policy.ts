import type { SandboxMode, UserSpec } from '../container-spec.ts';

/** What a container process may still do once it stands in its sandbox. */
export interface SandboxPolicy {
  readonly mode: SandboxMode;
  readonly user: UserSpec;
  readonly files: readonly FileRule[];
  /** TCP ports that may be bound and connected to; no others. @default none */
  readonly tcp?: { readonly bind: PortRule; readonly connect: PortRule };
  /** Whether sockets of the internet may be opened: TCP within `tcp`, and UDP. @default false */
  readonly sockets?: boolean;
  /** Which threads there will be. @default what the process was prepared for */
  readonly threads?: ThreadPolicy;
}

/** Ports by their numbers, or all of them. */
export type PortRule = readonly number[] | 'any';

/**
 * `single`: one thread, and no other is made. `engine`: V8's threads, which exist already, may go
 * on. `event-loop`: libuv's loop, its threads and its sockets besides. `program`: another program
 * is executed, which makes threads of its own.
 */
export type ThreadPolicy = 'single' | 'engine' | 'event-loop' | 'program';

/** Allows access to one file, or to everything beneath one directory. */
export type FileRule = FilePlace & {
  /** Bits of Landlock's `fileAccess`. */
  readonly access: bigint;
};

/**
 * A file by its absolute path on the host; or by its name in an open directory, `.` for that
 * itself, where others may change what the path means.
 */
type FilePlace = { readonly path: string } | { readonly directory: number; readonly name: string };
