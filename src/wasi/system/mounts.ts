import type { Handle } from './system.ts';

/** Opens what a guest is given. Only the embedder's paths come here, never a guest's. */
export interface Mounts {
  /** @returns the handle of a directory of the host, or a negated error number */
  open(hostPath: string): Handle;
}
