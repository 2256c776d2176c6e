import { GuestTrap } from '../abi/guest-trap.ts';
import { borrow } from '../abi/handles.ts';
import { type HostInterface, hostFunction, suspendingFunction } from '../abi/host-function.ts';
import { list } from '../abi/lists.ts';
import { bool, u32 } from '../abi/numbers.ts';
import { unit } from '../abi/variants.ts';
import { Pollable } from './pollable.ts';

const pollable = borrow(() => Pollable);

/** https://github.com/WebAssembly/wasi-io/blob/main/wit/poll.wit */
export const poll: HostInterface = {
  name: 'wasi:io/poll',
  resources: { pollable: Pollable },
  functions: {
    '[method]pollable.ready': hostFunction([pollable], bool, (_guest, self) =>
      self.readiness.ready(),
    ),
    '[method]pollable.block': suspendingFunction([pollable], unit, (guest, self) =>
      guest.wait([self.readiness]),
    ),
    poll: suspendingFunction([list(pollable)], list(u32), (guest, pollables) => {
      if (pollables.length === 0) throw new GuestTrap('Cannot poll: the list is empty');
      const ready = () =>
        pollables.flatMap((item, index) => (item.readiness.ready() ? [index] : []));
      const waiting = guest.wait(pollables.map((item) => item.readiness));
      return waiting === undefined ? ready() : waiting.then(ready);
    }),
  },
};
