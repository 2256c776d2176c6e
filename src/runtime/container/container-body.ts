import type { ContainerSpec, EngineName } from '../container-spec.ts';
import type { FileRule, SandboxPolicy } from '../sandbox/sandbox-policy.ts';

/**
 * What runs in a container process: the port between the life of the process, which is the same
 * for all, and an engine.
 *
 * `open` is called once, outside the sandbox; it opens everything and runs nothing of the guest's.
 * `run` is called once, in the sandbox. Whatever both use is loaded before: no module can be.
 */
export interface ContainerBody {
  /** Called once by a zygote: uses all that containers will use, so that they share it. */
  warm(): void;
  open(spec: ContainerSpec, directory: string): OpenedBody;
}

export interface OpenedBody {
  /** What the body opens after the sandbox has closed: the container's mounts, see `mountRule`. */
  readonly files: readonly FileRule[];
  readonly tcp?: NonNullable<SandboxPolicy['tcp']>;
  /** Runs the guest to its end. What it throws is a fault of ours, not of the guest. */
  run(): BodyEnd;
}

/**
 * How the guest ended: by itself, by a trap of WebAssembly, or not at all, because its module
 * cannot be run.
 */
export type BodyEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | {
      readonly kind: 'trapped';
      readonly message: string;
      /** Whether the guest had used up its memory. */
      readonly outOfMemory: boolean;
    }
  | { readonly kind: 'cannot-run'; readonly message: string };

/** By engine; `builtin` runs the commands that the runtime brings itself. */
export type ContainerBodies = Readonly<Partial<Record<EngineName | 'builtin', ContainerBody>>>;

/** @throws where there is no such engine */
export function bodyOf(bodies: ContainerBodies, { engine, exec }: ContainerSpec): ContainerBody {
  const name = exec?.program === 'builtin' ? 'builtin' : engine;
  const body = bodies[name];
  if (body === undefined) throw new Error(`Cannot run engine '${name}': it is not installed`);
  return body;
}
