import type { Handle } from './system.ts';

/** Opens what a guest is given. Only the embedder's paths come here, never a guest's. */
export interface Mounts {
  /**
   * Opens a directory of the host.
   *
   * @param subPath leads from there to the directory that is meant, and never outside: what is on
   * its way may be changed by others at the same time, links included. @default the directory itself
   * @returns a handle or a negated error number: `notdir` for a file, `perm` for a way outside
   */
  open(hostPath: string, subPath?: string): Handle;

  /**
   * Finds a file by a path that starts from a directory of the host and does not lead out of it.
   *
   * @returns where the file lies, or a negated error number
   */
  openFile(hostPath: string, subPath: string): FilePlace | number;
}

/** A file by the directory it lies in, which is open, and its name, which is no link. */
export interface FilePlace {
  readonly directory: Handle;
  readonly name: string;
}
