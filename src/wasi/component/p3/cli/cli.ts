import type { HostInterface } from '../../abi/host-function.ts';
import { environment } from '../../cli/environment.ts';
import { exit } from '../../cli/exit.ts';
import { terminals } from '../../cli/terminals.ts';
import { stdio } from './stdio.ts';

const { 'initial-cwd': initialDirectory, ...variables } = environment.functions;

/** https://github.com/WebAssembly/WASI/tree/main/proposals/cli/wit */
export const cli: readonly HostInterface[] = [
  {
    name: 'wasi:cli/environment@0.3',
    functions: {
      ...variables,
      ...(initialDirectory && { 'get-initial-cwd': initialDirectory }),
    },
  },
  { name: 'wasi:cli/exit@0.3', functions: exit.functions },
  ...stdio,
  ...terminals.map((terminal) => ({ ...terminal, name: `${terminal.name}@0.3` })),
];
