import type { HostInterface } from '../abi/host-function.ts';
import { randomBytes, randomU64 } from './random-bytes.ts';

/** https://github.com/WebAssembly/wasi-random/blob/main/wit/random.wit */
export const random: HostInterface = {
  name: 'wasi:random/random',
  functions: { 'get-random-bytes': randomBytes, 'get-random-u64': randomU64 },
};
