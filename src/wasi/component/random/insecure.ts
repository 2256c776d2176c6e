import type { HostInterface } from '../abi/host-function.ts';
import { randomBytes, randomU64 } from './random-bytes.ts';

/** https://github.com/WebAssembly/wasi-random/blob/main/wit/insecure.wit */
export const insecure: HostInterface = {
  name: 'wasi:random/insecure',
  functions: { 'get-insecure-random-bytes': randomBytes, 'get-insecure-random-u64': randomU64 },
};
