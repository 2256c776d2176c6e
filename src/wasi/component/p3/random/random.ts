import type { HostFunction, HostInterface } from '../../abi/host-function.ts';
import { insecure } from '../../random/insecure.ts';
import { insecureSeed } from '../../random/insecure-seed.ts';
import { random as random02 } from '../../random/random.ts';

/** https://github.com/WebAssembly/WASI/tree/main/proposals/random/wit */
export const random: readonly HostInterface[] = [
  { ...random02, name: 'wasi:random/random@0.3' },
  { ...insecure, name: 'wasi:random/insecure@0.3' },
  {
    name: 'wasi:random/insecure-seed@0.3',
    functions: mapNames(insecureSeed.functions, (name) => `get-${name}`),
  },
];

function mapNames(
  functions: Readonly<Record<string, HostFunction>>,
  rename: (name: string) => string,
): Record<string, HostFunction> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, implementation]) => [rename(name), implementation]),
  );
}
