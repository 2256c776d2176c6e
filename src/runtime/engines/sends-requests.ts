import { closeSync, readSync } from 'node:fs';
import { importsFrom } from '../../wasi/component/binary/imports-from.ts';
import { experimentalHttpModule } from '../../wasi/experimental-http/host-functions.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { isCgi } from './cgi/is-cgi.ts';
import { openModule } from './open-module.ts';

/** How much of a module is looked at: what it imports stands at its beginning. */
const headSize = 64 * 1024;

/** Whether a container's guest is a module that sends HTTP requests, and may do so. */
export function sendsRequests(spec: ContainerSpec): boolean {
  const { engine, exec, http } = spec;
  if (engine !== 'v8' || exec?.program === 'builtin' || isCgi(spec)) return false;
  if (http === undefined || http.egress.length === 0) return false;
  return importsFrom(headOf(spec), experimentalHttpModule);
}

function headOf(spec: ContainerSpec): Uint8Array {
  const head = Buffer.alloc(headSize);
  const fd = openModule(spec);
  try {
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}
