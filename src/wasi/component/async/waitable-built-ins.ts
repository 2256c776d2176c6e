import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import {
  afterwards,
  type BuiltIn,
  blocked,
  builtIn,
  mustBeInNoSet,
  waitingBuiltIn,
} from './built-in.ts';
import { Subtask } from './subtask.ts';
import { type Event, noEvent, Waitable } from './waitable.ts';
import { WaitableSet } from './waitable-set.ts';

/** What a guest waits with, and what it does with calls that it waits for. */
export const waitableBuiltIns: Readonly<Record<string, BuiltIn>> = {
  'waitable-set.new': builtIn(
    ({ handles }) =>
      () =>
        handles.add(new WaitableSet()),
  ),
  'waitable-set.wait': {
    suspends: () => true,
    bind:
      (guest) =>
      (...values) => {
        const set = guest.handles.borrow(unsignedAt(values, 0), WaitableSet);
        const stop = set.waitFor();
        return afterwards(guest, set, () => {
          stop();
          return tell(guest, values, set.take());
        });
      },
  },
  'waitable-set.poll': builtIn((guest) => (...values) => {
    const set = guest.handles.borrow(unsignedAt(values, 0), WaitableSet);
    return tell(guest, values, set.readiness.ready() ? set.take() : noEvent);
  }),
  'waitable-set.drop': builtIn(({ handles }) => (...values) => {
    const set = handles.borrow(unsignedAt(values, 0), WaitableSet);
    if (!set.isEmpty) throw new GuestTrap('Cannot drop a waitable set: it has members');
    if (set.isWaitedFor) throw new GuestTrap('Cannot drop a waitable set: somebody waits for it');
    handles.drop(unsignedAt(values, 0), WaitableSet);
    return undefined;
  }),
  'waitable.join': builtIn(({ handles }) => (...values) => {
    const waitable = handles.borrow(unsignedAt(values, 0), Waitable);
    const set = unsignedAt(values, 1);
    waitable.join(set === 0 ? undefined : handles.borrow(set, WaitableSet));
    return undefined;
  }),
  'subtask.cancel': waitingBuiltIn((guest, { async }) => (...values) => {
    const subtask = guest.handles.borrow(unsignedAt(values, 0), Subtask);
    if (subtask.isDelivered) throw new GuestTrap('Cannot cancel a subtask: it has ended');
    if (!async) mustBeInNoSet(subtask);
    if (!subtask.isResolved) subtask.cancel();
    if (subtask.isResolved) return subtask.takeEvent()[2];
    if (async) return blocked;
    return afterwards(
      guest,
      { readiness: subtask.resolved, mayHappen: subtask.mayHappen },
      () => subtask.takeEvent()[2],
    );
  }),
  'subtask.drop': builtIn(({ handles }) => (...values) => {
    const subtask = handles.borrow(unsignedAt(values, 0), Subtask);
    if (!subtask.isDelivered) throw new GuestTrap('Cannot drop a subtask: it has not ended');
    handles.drop(unsignedAt(values, 0), Subtask);
    return undefined;
  }),
};

/** Writes what an event is about where the second parameter points, and returns its kind. */
function tell(
  { memory }: Guest,
  values: readonly CoreValue[],
  [code, handle, payload]: Event,
): number {
  const pointer = unsignedAt(values, 1);
  memory.setU32(pointer, handle);
  memory.setU32(pointer + 4, payload);
  return code;
}
