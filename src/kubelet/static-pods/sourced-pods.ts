import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { PodClient } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodStatus } from '../pods/schema/pod-status.ts';
import { isStatic } from './static-annotations.ts';

/** Writes each pod's status where the pod is to be seen. */
export class SourcedPods implements PodClient {
  readonly #ofServer: PodClient;
  readonly #ofFiles: PodClient;

  constructor(clients: { readonly ofServer: PodClient; readonly ofFiles: PodClient }) {
    this.#ofServer = clients.ofServer;
    this.#ofFiles = clients.ofFiles;
  }

  writeStatus(pod: Pod, status: PodStatus, options?: AbortOptions): Promise<void> {
    return this.#clientOf(pod).writeStatus(pod, status, options);
  }

  delete(pod: Pod, options?: AbortOptions): Promise<void> {
    return this.#clientOf(pod).delete(pod, options);
  }

  #clientOf(pod: Pod): PodClient {
    return isStatic(pod) ? this.#ofFiles : this.#ofServer;
  }
}
