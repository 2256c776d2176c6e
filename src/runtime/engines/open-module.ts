import { fstatSync } from 'node:fs';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { openWithoutLinks } from '../../wasi/libc/open-without-links.ts';
import { closeFile, openFile } from '../../wasi/libc/plain-file.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { must, SandboxError } from '../sandbox/sandbox-error.ts';

/**
 * Opens a container's module to be read, outside the sandbox. One that lies in a mount may have been
 * changed since its path was found, which had no symbolic link: it is opened only where there is still
 * none, and nothing that could be waited for, as a FIFO.
 *
 * @returns a descriptor
 * @throws {SandboxError} where it cannot be opened
 */
export function openModule({
  modulePath,
  exec,
}: Pick<ContainerSpec, 'modulePath' | 'exec'>): number {
  const step = `open '${modulePath}'`;
  if (exec?.program !== 'mounted') return must(step, openFile(modulePath, openFlag.readOnly));
  const fd = must(step, openWithoutLinks(modulePath, openFlag.readOnly | openFlag.nonblock));
  if (fstatSync(fd).isFile()) return fd;
  closeFile(fd);
  throw new SandboxError(`Cannot ${step}: not a file`);
}
