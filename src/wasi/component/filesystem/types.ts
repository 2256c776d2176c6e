import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, type HostInterface, hostFunction } from '../abi/host-function.ts';
import { string } from '../abi/lists.ts';
import { record } from '../abi/records.ts';
import { ok, option, result } from '../abi/variants.ts';
import { dateTime } from '../clocks/wall-clock.ts';
import { IoError } from '../io/io-error.ts';
import { changeFunctions } from './change-functions.ts';
import { Descriptor } from './descriptor.ts';
import type { Dialect } from './dialect.ts';
import { type DirectoryEntry, DirectoryEntryStream } from './directory-entries.ts';
import { directoryFunctions } from './directory-functions.ts';
import { errorCode, FilesystemFailure } from './error-code.ts';
import { fileFunctions } from './file-functions.ts';
import { descriptorType } from './stat.ts';
import { statusFunctions } from './status-functions.ts';

const self = borrow(() => Descriptor);
const directoryEntry = record<DirectoryEntry>({ type: descriptorType, name: string });
const dialect: Dialect = { define: hostFunction, errorCode, descriptorType, dateTime };

const listFunctions: Record<string, HostFunction> = {
  '[method]descriptor.read-directory': hostFunction(
    [self],
    result(
      own(() => DirectoryEntryStream),
      errorCode,
    ),
    (_guest, directory) => ok(new DirectoryEntryStream(directory)),
  ),
  '[method]directory-entry-stream.read-directory-entry': hostFunction(
    [borrow(() => DirectoryEntryStream)],
    result(option(directoryEntry), errorCode),
    (_guest, stream) => stream.next(),
  ),
};

/** https://github.com/WebAssembly/wasi-filesystem/blob/main/wit/types.wit */
export const types: HostInterface = {
  name: 'wasi:filesystem/types',
  resources: { descriptor: Descriptor, 'directory-entry-stream': DirectoryEntryStream },
  functions: {
    ...fileFunctions,
    ...changeFunctions(dialect),
    ...statusFunctions(dialect),
    ...directoryFunctions(dialect),
    ...listFunctions,
    'filesystem-error-code': hostFunction(
      [borrow(() => IoError)],
      option(errorCode),
      (_guest, { cause }) => (cause instanceof FilesystemFailure ? cause.code : undefined),
    ),
  },
};
