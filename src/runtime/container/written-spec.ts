import { MappedFile } from '../../wasi/libc/mapped-file.ts';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { closeFile, openFile, seekEnd } from '../../wasi/libc/plain-file.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';

/**
 * Reads the spec that the runtime has written, in the process that becomes the container: no other
 * does, so none has the secrets of another. It is taken as it is: who could change it could as well
 * start containers of his own, and where something is missing the start fails.
 */
export function readWrittenSpec(directory: string): ContainerSpec {
  const fd = must("open 'spec.json'", openFile(containerFiles(directory).spec, openFlag.readOnly));
  try {
    using file = new MappedFile(fd, must("read 'spec.json'", seekEnd(fd)));
    return JSON.parse(Buffer.from(file.bytes).toString());
  } finally {
    closeFile(fd);
  }
}
