import { GuestExit } from './abi/guest-trap.ts';
import { BlockingWaiter } from './io/blocking-waiter.ts';
import { SuspendingWaiter } from './io/suspending-waiter.ts';
import type { Waiter } from './io/waiter.ts';
import { ComponentInstance, type WaitingMode } from './link/component-instance.ts';
import type { LinkPlan } from './link/link-plan.ts';
import type { Program } from './link/program.ts';
import type { World } from './world.ts';

const runInterface = 'wasi:cli/run';

/** What the command itself is given; how it waits follows from what it imports. */
export type CommandWorld = Omit<World, 'waiter'>;

/** Runs a component that exports `wasi:cli/run`, once. */
export class Command {
  readonly #program: Program;
  readonly #world: CommandWorld;
  #instance: ComponentInstance | undefined;

  constructor(program: Program, world: CommandWorld) {
    this.#program = program;
    this.#world = world;
  }

  /** Bytes of the guest's linear memories. */
  get memoryBytes(): number {
    return this.#instance?.memoryBytes ?? 0;
  }

  /**
   * Blocks the thread until the guest is done, unless it sends HTTP requests: those need the event
   * loop, and the guest is suspended while it waits.
   *
   * @returns what the guest gave `exit`, else 0 for success and 1 for failure
   * @throws WebAssembly.RuntimeError or GuestTrap for a trap, with the guest's stack
   */
  run(): number | Promise<number> {
    return sendsRequests(this.#program.plan) ? this.#runSuspending() : this.#runBlocking();
  }

  #runBlocking(): number {
    try {
      return exitCodeOf(this.#entry('block', new BlockingWaiter(this.#world.system))());
    } catch (thrown) {
      return exitCodeOfExit(thrown);
    } finally {
      this.#instance?.handles.clear();
    }
  }

  async #runSuspending(): Promise<number> {
    try {
      const entry = this.#entry('suspend', new SuspendingWaiter(this.#world.system));
      return exitCodeOf(await WebAssembly.promising(entry)());
    } catch (thrown) {
      return exitCodeOfExit(thrown);
    } finally {
      this.#instance?.handles.clear();
    }
  }

  #entry(mode: WaitingMode, waiter: Waiter) {
    this.#instance = new ComponentInstance(this.#program, { ...this.#world, waiter }, mode);
    return this.#instance.exported(runInterface, 'run');
  }
}

/** Whether a component can send HTTP requests, and so needs the event loop. */
export function sendsRequests({ instances }: LinkPlan): boolean {
  return instances.some(({ imports }) =>
    imports.some(
      ({ source }) => source.kind === 'host' && source.interface === 'wasi:http/outgoing-handler',
    ),
  );
}

function exitCodeOf(status: unknown): number {
  return status === 0 ? 0 : 1;
}

function exitCodeOfExit(thrown: unknown): number {
  if (thrown instanceof GuestExit) return thrown.code;
  throw thrown;
}
