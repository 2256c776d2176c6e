import type { ContainerSpec, StartForm } from './container-spec.ts';

/**
 * Starts container processes: the port between the runtime, which knows what should run, and
 * the zygote, which is the parent of what does.
 *
 * The runtime calls `start` once for each container, after it has written `spec.json` into the
 * container's directory and made the cgroups. The starter's zygote then owns the process: it
 * reaps it and writes the exit record into the same directory, also when the caller is gone by
 * then. Nobody calls the starter again for that container; to stop it, signal its process group,
 * whose id is `pid`.
 */
export interface ContainerStarter {
  /**
   * Resolves when the process stands in its sandbox, everything is opened and the guest's first
   * instruction comes next.
   *
   * An aborted `signal` ends the wait and nothing else, as the end of this process does: the
   * directory then says what became of the container, see `giveUpStart`.
   *
   * @throws {ContainerStartError}
   */
  start(spec: ContainerSpec, directory: string, options?: StartOptions): Promise<StartedContainer>;
}

export interface StartOptions {
  /** Directories of cgroups (one for v2, one a controller for v1) that the process joins. */
  readonly cgroups?: readonly string[];
  /**
   * What the container is given is complete once this resolves: its process is made meanwhile, and
   * its guest's first instruction waits. Where it rejects, so does the start, and the guest never
   * runs. @default at once
   */
  readonly ready?: Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

export interface StartedContainer {
  /** Process id, and the id of the process group and session. */
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`: with the pid it names one process for good. */
  readonly startTime: string;
  /** The form that was used: the zygote's self-test may have chosen `exec` over `fork`. */
  readonly form: StartForm;
  /** Parts of the sandbox that this machine lacks; empty unless the spec said `best-effort`. */
  readonly missing: readonly SandboxPart[];
}

export const sandboxParts = [
  'landlock',
  'landlock-network',
  'landlock-scopes',
  'seccomp',
  'capabilities',
  'cgroup',
  'oom-score',
] as const;
export type SandboxPart = (typeof sandboxParts)[number];

export const startErrorCodes = [
  /** A part of the sandbox is unavailable, and the spec requires all of it. */
  'SandboxUnavailable',
  /** The process was made but could not open or set what the spec names. */
  'PreparationFailed',
  /** The process did not report within the time allowed, or died before it did. */
  'NoReport',
  /** The zygote could not be started or reached. */
  'ZygoteUnavailable',
] as const;
export type StartErrorCode = (typeof startErrorCodes)[number];

/** A container process that did not come to run; its message names the step and the reason. */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
