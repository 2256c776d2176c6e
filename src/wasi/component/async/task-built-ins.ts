import { GuestTrap } from '../abi/guest-trap.ts';
import { type BuiltIn, builtIn, taskOf, yieldTurn } from './built-in.ts';

const mostBackpressure = 0xffff;

/** What a guest does with the task it is in. */
export const taskBuiltIns: Readonly<Record<string, BuiltIn>> = {
  'task.return': builtIn((guest) => (...values) => {
    taskOf(guest).return(guest, values);
    return undefined;
  }),
  'task.cancel': builtIn(() => () => {
    // Calls end by the guest's instance being given up: it is never asked to end one itself.
    throw new GuestTrap('Cannot cancel the task: nobody asked for it');
  }),
  'context.get': builtIn(
    (guest, { slot = 0 }) =>
      () =>
        taskOf(guest).storage[slot] ?? 0,
  ),
  'context.set': builtIn((guest, { slot = 0 }) => (value) => {
    if (value !== undefined) taskOf(guest).storage[slot] = value;
    return undefined;
  }),
  // An instance has one call at a time: there is nobody to be held back.
  'backpressure.inc': backpressure(1),
  'backpressure.dec': backpressure(-1),
  'backpressure.set': builtIn(() => () => undefined),
  'thread.yield': {
    suspends: () => true,
    bind: (guest) => () => yieldTurn(guest).then(() => 0),
  },
};

function backpressure(step: 1 | -1): BuiltIn {
  return builtIn((guest) => () => {
    guest.backpressure += step;
    if (guest.backpressure < 0 || guest.backpressure > mostBackpressure) {
      throw new GuestTrap(`Cannot set the backpressure: ${guest.backpressure} is out of range`);
    }
    return undefined;
  });
}
