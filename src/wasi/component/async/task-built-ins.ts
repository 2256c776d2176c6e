import { type BuiltIn, builtIn, taskOf, yieldTurn } from './built-in.ts';

/** What a guest does with the task it is in. */
export const taskBuiltIns: Readonly<Record<string, BuiltIn>> = {
  'task.return': builtIn((guest) => (...values) => {
    taskOf(guest).return(guest, values);
    return undefined;
  }),
  'task.cancel': builtIn((guest) => () => {
    taskOf(guest).cancel();
    return undefined;
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
  'backpressure.inc': backpressure(1),
  'backpressure.dec': backpressure(-1),
  'backpressure.set': builtIn(() => () => undefined),
  'thread.yield': {
    suspends: () => true,
    bind: (guest) => () => yieldTurn(guest).then(() => 0),
  },
};

function backpressure(step: 1 | -1): BuiltIn {
  return builtIn(({ part }) => () => {
    part.admission.changeBackpressure(step);
    return undefined;
  });
}
