import path from 'node:path';
import type { PodIdentity } from '../provider.ts';

/** Where the parts of pods lie on this machine. */
export class PodDirectories {
  /** One directory for each pod, by uid. */
  readonly pods: string;
  /** What pods have in memory, one directory for each, by uid. */
  readonly memory: string;
  readonly #logs: string;

  /**
   * @param dataDirectory DATA_DIR
   * @param init another place for logs, and one on a file system in memory: see `memoryDirectory`
   */
  constructor(dataDirectory: string, init: { readonly logs?: string; readonly memory: string }) {
    this.pods = path.join(dataDirectory, 'pods');
    this.#logs = init.logs ?? path.join(dataDirectory, 'logs', 'pods');
    this.memory = init.memory;
  }

  /** What a pod has on the disk, its logs excepted. */
  ofPod({ uid }: Pick<PodIdentity, 'uid'>): string {
    return path.join(this.pods, uid);
  }

  /** The directory of a volume, as the kubelet lays it out. */
  ofVolume(pod: Pick<PodIdentity, 'uid'>, plugin: string, volume: string): string {
    return path.join(this.ofPod(pod), 'volumes', plugin, volume);
  }

  /** What a pod has in memory: all that it is given rather than writes itself. */
  inMemory({ uid }: Pick<PodIdentity, 'uid'>): string {
    return path.join(this.memory, uid);
  }

  /** The file that one start of a container may leave its last words in. */
  terminationLog(pod: Pick<PodIdentity, 'uid'>, container: string, attempt: number): string {
    return path.join(this.ofPod(pod), 'containers', `${container}.${attempt}`);
  }

  /** The logs of a pod's containers, where log collectors look for them. */
  logsOfPod({ namespace, name, uid }: PodIdentity): string {
    return path.join(this.#logs, `${namespace}_${name}_${uid}`);
  }

  /** The log of one start of a container. */
  log(pod: PodIdentity, container: string, attempt: number): string {
    return path.join(this.logsOfPod(pod), container, `${attempt}.log`);
  }
}
