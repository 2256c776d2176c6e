import type { HostInterface } from '../abi/host-function.ts';
import { cli } from './cli/cli.ts';
import { clocks } from './clocks/clocks.ts';
import { filesystem } from './filesystem/filesystem.ts';
import { http } from './http/http.ts';
import { random } from './random/random.ts';
import { sockets } from './sockets/sockets.ts';

/** The interfaces of WASI 0.3, on the same host objects as those of 0.2. */
export const hostInterfaces03: readonly HostInterface[] = [
  ...cli,
  ...clocks,
  ...filesystem,
  ...http,
  ...random,
  ...sockets,
];
