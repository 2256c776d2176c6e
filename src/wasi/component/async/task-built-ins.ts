import { type BuiltIn, builtIn, contextOf, taskOf, yieldTurn } from './built-in.ts';

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
  'context.get': own(
    (guest, { slot = 0 }) =>
      () =>
        contextOf(guest).storage[slot] ?? 0,
  ),
  'context.set': own((guest, { slot = 0 }) => (value) => {
    if (value !== undefined) contextOf(guest).storage[slot] = value;
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
  return own(({ part }) => () => {
    part.admission.changeBackpressure(step);
    return undefined;
  });
}

function own(bind: BuiltIn['bind']): BuiltIn {
  return { ...builtIn(bind), isOwn: true };
}
