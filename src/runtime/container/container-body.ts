import type { ContainerSpec, EngineName } from '../container-spec.ts';
import type { FileRule, SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import type { ContainerStdio } from './container-stdio.ts';

/**
 * What runs in a container process: the port between the life of the process, which is the same
 * for all, and an engine.
 *
 * `open` is called once, outside the sandbox; it opens everything and runs nothing of the guest's.
 * `run` is called once, in the sandbox. Whatever both use is loaded before: no module can be.
 */
export interface ContainerBody {
  open(spec: ContainerSpec, stdio: ContainerStdio): OpenedBody;
}

export interface OpenedBody {
  /** Open descriptors that the body goes on using; all others are closed. */
  readonly descriptors: readonly number[];
  /** Files that the body opens after the sandbox has closed, besides the container's mounts. */
  readonly files: readonly FileRule[];
  readonly tcp?: NonNullable<SandboxPolicy['tcp']>;
  /** Runs the guest to its end. What it throws is a fault of ours, not of the guest. */
  run(): BodyEnd;
}

export interface BodyEnd {
  /** 0 to 255, as a shell shows it. */
  readonly exitCode: number;
  /** For people: the trap's message. */
  readonly message?: string;
}

export type ContainerBodies = Readonly<Record<EngineName, ContainerBody>>;
