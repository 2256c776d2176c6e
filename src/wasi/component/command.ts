import { GuestExit } from './abi/guest-trap.ts';
import { type Result, result, unit } from './abi/variants.ts';
import { callAsync, type ExportedFunction } from './async/exported-call.ts';
import { BlockingWaiter } from './io/blocking-waiter.ts';
import { SuspendingWaiter } from './io/suspending-waiter.ts';
import type { Waiter } from './io/waiter.ts';
import { ComponentInstance } from './link/component-instance.ts';
import type { WaitingMode } from './link/instance-imports.ts';
import type { CoreSource, LinkPlan } from './link/link-plan.ts';
import type { Program } from './link/program.ts';
import type { World } from './world.ts';

const runInterface = 'wasi:cli/run';
const asyncRunInterface = 'wasi:cli/run@0.3';
const run: ExportedFunction<Result<undefined, undefined>> = {
  interface: asyncRunInterface,
  name: 'run',
  result: result(unit, unit),
};

/** What the command itself is given; how it waits follows from what it imports. */
export type CommandWorld = Omit<World, 'waiter'>;

/** Runs a component that exports `wasi:cli/run`, of WASI 0.3 where it has that too, once. */
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
   * Blocks the thread until the guest is done, unless it needs the event loop: then the guest is
   * suspended while it waits.
   *
   * @returns what the guest gave `exit`, else 0 for success and 1 for failure
   * @throws WebAssembly.RuntimeError or GuestTrap for a trap, with the guest's stack
   */
  run(): number | Promise<number> {
    const { plan } = this.#program;
    if (isAsyncCommand(plan)) return this.#runAsync();
    return waitsOnEventLoop(plan) ? this.#runSuspending() : this.#runBlocking();
  }

  async #runAsync(): Promise<number> {
    let code = 1;
    try {
      await callAsync(this.#makeSuspending(), run, [], ({ kind }) => {
        code = kind === 'ok' ? 0 : 1;
      });
      return code;
    } catch (thrown) {
      return exitCodeOfExit(thrown);
    } finally {
      this.#instance?.endCall();
    }
  }

  #runBlocking(): number {
    try {
      const instance = this.#make('block', new BlockingWaiter(this.#world.system));
      return exitCodeOf(instance.exported(runInterface, 'run')());
    } catch (thrown) {
      return exitCodeOfExit(thrown);
    } finally {
      this.#instance?.endCall();
    }
  }

  async #runSuspending(): Promise<number> {
    try {
      const entry = this.#makeSuspending().exported(runInterface, 'run');
      return exitCodeOf(await WebAssembly.promising(entry)());
    } catch (thrown) {
      return exitCodeOfExit(thrown);
    } finally {
      this.#instance?.endCall();
    }
  }

  #makeSuspending(): ComponentInstance {
    return this.#make('suspend', new SuspendingWaiter(this.#world.system));
  }

  #make(mode: WaitingMode, waiter: Waiter): ComponentInstance {
    this.#instance = new ComponentInstance(this.#program, { ...this.#world, waiter }, mode);
    return this.#instance;
  }
}

/** Whether a component needs the event loop as WASI 0.3 does. */
export function isAsyncCommand({ exports }: LinkPlan): boolean {
  return exports.some((item) => item.interface === asyncRunInterface);
}

/**
 * Whether a component can send HTTP requests, or one inside waits for another, so that it needs the
 * event loop.
 */
export function waitsOnEventLoop({ instances }: LinkPlan): boolean {
  return instances.some(({ imports }) => imports.some(({ source }) => needsEventLoop(source)));
}

function needsEventLoop(source: CoreSource): boolean {
  if (source.kind === 'composed') return source.waits ?? false;
  return source.kind === 'host' && source.interface === 'wasi:http/outgoing-handler';
}

function exitCodeOf(status: unknown): number {
  return status === 0 ? 0 : 1;
}

function exitCodeOfExit(thrown: unknown): number {
  if (thrown instanceof GuestExit) return thrown.code;
  throw thrown;
}
