import { GuestExit } from '../abi/guest-trap.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { u8 } from '../abi/numbers.ts';
import { result, unit } from '../abi/variants.ts';

/** https://github.com/WebAssembly/wasi-cli/blob/main/wit/exit.wit */
export const exit: HostInterface = {
  name: 'wasi:cli/exit',
  functions: {
    exit: hostFunction([result(unit, unit)], unit, (_guest, status) => {
      throw new GuestExit(status.kind === 'ok' ? 0 : 1);
    }),
    'exit-with-code': hostFunction([u8], unit, (_guest, code) => {
      throw new GuestExit(code);
    }),
  },
};
