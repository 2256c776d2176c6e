import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import type { Readiness } from '../io/readiness.ts';
import type { BuiltInSource } from '../link/link-plan.ts';
import { Task } from './task.ts';
import type { Waitable } from './waitable.ts';

/** A function of the asynchronous component model that guests import. */
export interface BuiltIn {
  /** Whether a component may use it while it may call nobody. */
  readonly isOwn?: boolean;
  /** Whether it may wait in this form. */
  suspends(source: BuiltInSource): boolean;
  bind(guest: Guest, source: BuiltInSource): CoreFunction;
}

/** What an operation answers that has only begun. */
export const blocked = 0xffff_ffff | 0;

/** A built-in that returns at once. */
export function builtIn(bind: BuiltIn['bind']): BuiltIn {
  return { suspends: () => false, bind };
}

/** A built-in that waits, unless it is of the asynchronous form. */
export function waitingBuiltIn(bind: BuiltIn['bind']): BuiltIn {
  return { suspends: ({ async }) => !async, bind };
}

/**
 * Does `act` as soon as `readiness` is ready.
 *
 * @throws {GuestTrap} where it is not, and the guest may not wait
 */
export function afterwards<T>(guest: Guest, readiness: Readiness, act: () => T): T | Promise<T> {
  if (guest.task?.mayWait === false && !readiness.ready()) mustBeAbleToWait(guest);
  const waiting = guest.wait([readiness]);
  return waiting === undefined ? act() : waiting.then(act);
}

/** @throws {GuestTrap} where the function is not `async` in WIT, and waits for guests */
export function mustBeAbleToWait({ task }: Guest): void {
  if (task === undefined || task.mayWait) return;
  throw new GuestTrap('Cannot wait: the function is not asynchronous');
}

/** @throws {GuestTrap} where a guest waits for what it has a waitable set tell it of */
export function mustBeInNoSet({ isInSet }: Waitable): void {
  if (isInSet) throw new GuestTrap('Cannot wait: it is a member of a waitable set');
}

/** Lets everything else have its turn; rejects where the guest's call was cancelled. */
export async function yieldTurn({ cancellation }: Guest): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (cancellation.isCancelled) cancellation.signal.throwIfAborted();
}

/** The task that the guest is in, or one made for a call that is none. */
export function contextOf({ part }: Guest): Task {
  part.task ??= new Task(() => {
    throw new GuestTrap('Cannot return from a task: the function is not asynchronous');
  });
  return part.task;
}

/** The task that the guest is in. */
export function taskOf({ task }: Guest): Task {
  if (task !== undefined) return task;
  throw new GuestTrap('Cannot use a task: the guest was not called asynchronously');
}
