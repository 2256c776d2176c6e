import type { HostInterface } from '../../abi/host-function.ts';
import { changeFunctions } from '../../filesystem/change-functions.ts';
import { Descriptor } from '../../filesystem/descriptor.ts';
import { directoryFunctions } from '../../filesystem/directory-functions.ts';
import { preopens } from '../../filesystem/preopens.ts';
import { statusFunctions } from '../../filesystem/status-functions.ts';
import { dialect } from './dialect.ts';
import { streamFunctions } from './stream-functions.ts';

/** https://github.com/WebAssembly/WASI/tree/main/proposals/filesystem/wit */
export const filesystem: readonly HostInterface[] = [
  {
    name: 'wasi:filesystem/types@0.3',
    resources: { descriptor: Descriptor },
    functions: {
      ...changeFunctions(dialect),
      ...statusFunctions(dialect),
      ...directoryFunctions(dialect),
      ...streamFunctions,
    },
  },
  { name: 'wasi:filesystem/preopens@0.3', functions: preopens.functions },
];
