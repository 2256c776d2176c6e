import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { u64 } from '../abi/numbers.ts';
import { tuple } from '../abi/records.ts';
import { randomNumber } from './random-bytes.ts';

/** https://github.com/WebAssembly/wasi-random/blob/main/wit/insecure-seed.wit */
export const insecureSeed: HostInterface = {
  name: 'wasi:random/insecure-seed',
  functions: {
    'insecure-seed': hostFunction(
      [],
      tuple(u64, u64),
      () => [randomNumber(), randomNumber()] as const,
    ),
  },
};
