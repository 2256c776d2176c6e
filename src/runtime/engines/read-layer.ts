import { readSync } from 'node:fs';
import { type Layer, layerOf } from '../../wasi/component/binary/preamble.ts';
import { closeFile } from '../../wasi/libc/plain-file.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { openModule } from './open-module.ts';

/** What the beginning of a container's module says it is; undefined where it is no WebAssembly. */
export function readLayer(spec: Pick<ContainerSpec, 'modulePath' | 'exec'>): Layer | undefined {
  const head = new Uint8Array(8);
  const fd = openModule(spec);
  try {
    return layerOf(head.subarray(0, readSync(fd, head)));
  } finally {
    closeFile(fd);
  }
}
