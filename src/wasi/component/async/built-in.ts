import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import type { Readiness } from '../io/readiness.ts';
import type { BuiltInSource } from '../link/link-plan.ts';
import { Task } from './task.ts';
import type { Waitable } from './waitable.ts';
import type { MayGoOn } from './waits.ts';

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

/** What a guest waits for that is not the host's alone to bring about. */
export interface Awaited {
  readonly readiness: Readiness;
  /** Whether it may come while all guests do nothing. */
  readonly mayHappen: boolean;
}

/** A built-in that returns at once. */
export function builtIn(bind: BuiltIn['bind']): BuiltIn {
  return { suspends: () => false, bind };
}

/** A built-in that waits, unless it is of the asynchronous form. */
export function waitingBuiltIn(bind: BuiltIn['bind']): BuiltIn {
  return { suspends: ({ async }) => !async, bind };
}

/**
 * Does `act` as soon as it is ready.
 *
 * @throws {GuestTrap} where it is not, and the guest may not wait or would do so for ever
 */
export function afterwards<T>(guest: Guest, awaited: Awaited, act: () => T): T | Promise<T> {
  if (!awaited.readiness.ready()) mustBeAbleToWait(guest);
  return whenReady(guest, [awaited.readiness], () => awaited.mayHappen, act);
}

/**
 * Does `act` as soon as any is ready, unless the guest's call is cancelled before.
 *
 * @param mayHappen whether one may become so while all guests do nothing
 * @throws {GuestTrap} where none ever will
 */
export function whenReady<T>(
  guest: Guest,
  readinesses: readonly Readiness[],
  mayHappen: MayGoOn,
  act: () => T,
): T | Promise<T> {
  const isReady = () => readinesses.some((readiness) => readiness.ready());
  if (isReady()) return act();
  const { cancellation } = guest; // that of this call
  const { waits } = guest.part;
  const goOn = waits.until(() => mayHappen() || isReady());
  waits.mustGoOn();
  const finish = () => {
    goOn();
    cancellation.throwIfCancelled();
    return act();
  };
  const waiting = guest.wait(readinesses);
  return waiting === undefined ? finish() : waiting.then(finish);
}

/** @throws {GuestTrap} where the function is not `async` in WIT, and waits for guests */
function mustBeAbleToWait({ task }: Guest): void {
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
  cancellation.throwIfCancelled();
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
