import { GuestExit } from './abi/guest-trap.ts';
import { BlockingWaiter } from './io/blocking-waiter.ts';
import { SuspendingWaiter } from './io/suspending-waiter.ts';
import type { Waiter } from './io/waiter.ts';
import { ComponentInstance, type WaitingMode } from './link/component-instance.ts';
import type { Program } from './link/program.ts';
import type { World } from './world.ts';

const runInterface = 'wasi:cli/run';

/** What the command itself is given; how it waits follows from what it imports. */
export type CommandWorld = Omit<World, 'waiter'>;

/**
 * Runs a component that exports `wasi:cli/run`, once. It blocks the thread while it waits, unless it
 * sends HTTP requests: those need the event loop, and the guest is suspended instead.
 *
 * @returns what the guest gave `exit`, else 0 for success and 1 for failure
 * @throws WebAssembly.RuntimeError or GuestTrap for a trap, with the guest's stack
 */
export async function runCommand(program: Program, world: CommandWorld): Promise<number> {
  const mode = waitingMode(program);
  const waiter = waiterOf(mode, world);
  try {
    const instance = new ComponentInstance(program, { ...world, waiter }, mode);
    using _handles = { [Symbol.dispose]: () => instance.handles.clear() };
    const run = instance.exported(runInterface, 'run');
    const status = mode === 'suspend' ? await WebAssembly.promising(run)() : run();
    return status === 0 ? 0 : 1;
  } catch (thrown) {
    if (thrown instanceof GuestExit) return thrown.code;
    throw thrown;
  }
}

function waitingMode(program: Program): WaitingMode {
  const sends = program.plan.instances.some((instance) =>
    instance.imports.some(
      ({ source }) => source.kind === 'host' && source.interface === 'wasi:http/outgoing-handler',
    ),
  );
  return sends ? 'suspend' : 'block';
}

function waiterOf(mode: WaitingMode, { system }: CommandWorld): Waiter {
  return mode === 'suspend' ? new SuspendingWaiter(system) : new BlockingWaiter(system);
}
