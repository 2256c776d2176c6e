import { borrow } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { option } from '../abi/variants.ts';
import { IoError } from '../io/io-error.ts';
import { Descriptor } from './descriptor.ts';
import { DirectoryEntryStream } from './directory-entries.ts';
import { directoryFunctions } from './directory-functions.ts';
import { errorCode, FilesystemFailure } from './error-code.ts';
import { fileFunctions } from './file-functions.ts';
import { statusFunctions } from './status-functions.ts';

/** https://github.com/WebAssembly/wasi-filesystem/blob/main/wit/types.wit */
export const types: HostInterface = {
  name: 'wasi:filesystem/types',
  resources: { descriptor: Descriptor, 'directory-entry-stream': DirectoryEntryStream },
  functions: {
    ...fileFunctions,
    ...statusFunctions,
    ...directoryFunctions,
    'filesystem-error-code': hostFunction(
      [borrow(() => IoError)],
      option(errorCode),
      (_guest, { cause }) => (cause instanceof FilesystemFailure ? cause.code : undefined),
    ),
  },
};
