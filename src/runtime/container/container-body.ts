import type { ContainerSpec, EngineName } from '../container-spec.ts';
import { readLayer } from '../engines/read-layer.ts';
import type { FileRule, SandboxPolicy, ThreadPolicy } from '../sandbox/sandbox-policy.ts';

/**
 * What runs in a container process: the port between the life of the process, which is the same
 * for all, and an engine.
 *
 * `prepare` does what does not depend on the container; a fork server calls it before it forks.
 * `open` is called once, outside the sandbox; it opens everything and runs nothing of the guest's.
 * `run` is called once, in the sandbox. Whatever they use is loaded before: no module can be.
 */
export interface ContainerBody {
  /**
   * Called once by a fork server: hands over a program that is then run often, to its end, so that
   * containers share what that takes. Nothing where there is nothing to share.
   */
  warm(rehearse: (module: Uint8Array) => void): void;
  /**
   * Called once by a fork server for guests that run on the event loop: what it does one by one, and more than once,
   * so that containers share what comes of it. Each takes less than a tenth of a second, in which nothing can be
   * forked, and leaves nothing behind in the event loop.
   */
  rehearsals?(): readonly (() => Promise<void>)[];
  prepare(): PreparedBody;
}

export interface PreparedBody {
  open(spec: ContainerSpec, directory: string): OpenedBody;
}

export interface OpenedBody {
  /** What the body opens after the sandbox has closed: the container's mounts, see `mountRule`. */
  readonly files: readonly FileRule[];
  readonly tcp?: NonNullable<SandboxPolicy['tcp']>;
  /** Whether it opens sockets of the internet itself, within `tcp`. @default false */
  readonly sockets?: boolean;
  /** Another one than the process was prepared for. */
  readonly threads?: ThreadPolicy;
  /**
   * Runs the guest to its end: blocking the thread, or, in a process that has an event loop, on
   * that. What it throws is a fault of ours, not of the guest.
   */
  run(): BodyEnd | Promise<BodyEnd>;
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

/**
 * By engine; `builtin` runs the commands that the runtime brings itself, and `component` what V8
 * does not know itself.
 */
export type ContainerBodies = ByName<ContainerBody>;
export type PreparedBodies = ByName<PreparedBody>;
type ByName<T> = Readonly<Partial<Record<EngineName | 'builtin' | 'component', T>>>;

/** Prepares all of them. */
export function prepareBodies(bodies: ContainerBodies): PreparedBodies {
  return Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, body.prepare()]));
}

/** @throws where there is no such engine */
export function bodyOf<T>(bodies: ByName<T>, spec: ContainerSpec): T {
  const name = bodyName(spec);
  const body = bodies[name];
  if (body === undefined) throw new Error(`Cannot run engine '${name}': it is not installed`);
  return body;
}

/** Which of the bodies a container needs. */
export function bodyName(spec: ContainerSpec): keyof ContainerBodies {
  const { engine, exec } = spec;
  if (exec?.program === 'builtin') return 'builtin';
  return engine === 'v8' && readLayer(spec) === 'component' ? 'component' : engine;
}
