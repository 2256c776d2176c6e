import type { LogChunk } from '../../kubelet/logs/log-printer.ts';
import { readLog } from '../../kubelet/logs/read-log.ts';
import { defaultPodSettings } from '../../kubelet/pods/pod-components.ts';
import type { PodDirectories } from '../../kubelet/pods/pod-directories.ts';
import type { Pod } from '../../kubelet/pods/schema/pod.ts';
import type { ContainerStatus } from '../../kubelet/pods/schema/pod-status.ts';
import type { Host } from '../cli/host.ts';
import { printLog } from '../containers/print-log.ts';
import { prefixLines } from '../output/prefix-lines.ts';

export interface PodOutputInit {
  readonly host: Host;
  readonly directories: PodDirectories;
  /** Whether lines say which container they are from; without, bytes are passed on as they are. */
  readonly prefixed: boolean;
  /** Called where nobody reads what is printed any more. */
  readonly onUnread: () => void;
}

/** Prints what the containers of pods write, each start of each container from its beginning. */
export class PodOutput {
  readonly #init: PodOutputInit;
  readonly #ends = new Map<string, AbortController>();
  readonly #printing: Promise<unknown>[] = [];

  constructor(init: PodOutputInit) {
    this.#init = init;
  }

  /** Takes a pod's new status: begins with containers that have started. */
  update(pod: Pod): void {
    const { initContainerStatuses, containerStatuses } = pod.status;
    for (const status of [...initContainerStatuses, ...containerStatuses]) {
      this.#updateContainer(pod, status);
    }
  }

  /** Resolves when all is printed; no container runs any more. */
  async finish(): Promise<void> {
    for (const end of this.#ends.values()) end.abort();
    await Promise.all(this.#printing);
  }

  #updateContainer(pod: Pod, { name, state, restartCount }: ContainerStatus): void {
    // Waiting to be started again, its last start is over as well.
    const attempt = state.waiting === undefined ? restartCount : -1;
    const prefix = `${pod.metadata.uid}/${name}/`;
    for (const [key, end] of this.#ends) {
      if (key.startsWith(prefix) && key !== `${prefix}${attempt}`) end.abort();
    }
    if (attempt < 0) return;
    const end = this.#begin(pod, name, attempt, `${prefix}${attempt}`);
    if (state.terminated !== undefined) end.abort();
  }

  #begin(pod: Pod, container: string, attempt: number, key: string): AbortController {
    const begun = this.#ends.get(key);
    if (begun !== undefined) return begun;
    const end = new AbortController();
    this.#ends.set(key, end);
    const { directories, prefixed } = this.#init;
    const { namespace, name, uid } = pod.metadata;
    const path = directories.log({ namespace, name, uid }, container, attempt);
    const { logMaxFiles: maxFiles } = defaultPodSettings;
    const log = readLog({ path, maxFiles }, { follow: true }, { ended: end.signal });
    const label = pod.spec.containers.length > 1 ? `${name}/${container}` : name;
    this.#printing.push(this.#print(prefixed ? prefixLines(log, `${label} | `) : log));
    return end;
  }

  async #print(log: AsyncIterable<LogChunk>): Promise<void> {
    const { host, onUnread } = this.#init;
    if (!(await printLog(host, log))) onUnread();
  }
}
