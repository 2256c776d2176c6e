import { readSync } from 'node:fs';
import { type Layer, layerOf } from '../../wasi/component/binary/preamble.ts';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { closeFile, openFile } from '../../wasi/libc/plain-file.ts';
import { must } from '../sandbox/sandbox-error.ts';

/** What the beginning of a file says it is; undefined where it is no WebAssembly. */
export function readLayer(file: string): Layer | undefined {
  const head = new Uint8Array(8);
  const fd = must(`open '${file}'`, openFile(file, openFlag.readOnly));
  try {
    return layerOf(head.subarray(0, readSync(fd, head)));
  } finally {
    closeFile(fd);
  }
}
