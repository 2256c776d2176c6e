import path from 'node:path';
import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import { removeTree } from '../volumes/remove-tree.ts';
import type { CsiCluster } from './csi-cluster.ts';
import { CsiDrivers } from './csi-drivers.ts';
import { CsiVolumes } from './csi-volumes.ts';
import { type PluginHandler, PluginWatcher } from './plugin-watcher.ts';

/** What `NodeStorage` needs. */
export interface NodeStorageComponents {
  readonly cluster: CsiCluster;
  readonly objects: Pick<ObjectReader, 'secret'>;
  readonly directories: PodDirectories;
  /** The uids of all pods of the node, once they are known, and nothing runs of others. */
  readonly activePods: () => Promise<ReadonlySet<string>>;
  /** Plugins of other types. @default none are known */
  readonly handlers?: Readonly<Record<string, PluginHandler>>;
  /** The Node's status has something new to say. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: NodeLog;
}

export interface NodeStorageInit {
  readonly nodeName: string;
  /** Where plugins have their sockets. */
  readonly pluginsDirectory: string;
}

const retryInterval = 5_000;

/** The storage of a node: its CSI drivers, and the volumes that they make. */
export class NodeStorage {
  readonly volumes: CsiVolumes;
  readonly #components: NodeStorageComponents;
  readonly #watcher: PluginWatcher;

  constructor(components: NodeStorageComponents, { nodeName, pluginsDirectory }: NodeStorageInit) {
    const { clock, cluster, handlers, log } = components;
    this.#components = components;
    const drivers = new CsiDrivers({ cluster, log });
    this.volumes = new CsiVolumes(
      { ...components, driverOf: (name) => drivers.of(name) },
      { nodeName, stagingDirectory: path.join(pluginsDirectory, 'kubernetes.io', 'csi') },
    );
    this.#watcher = new PluginWatcher(
      { handlers: { ...handlers, CSIPlugin: drivers }, clock, log },
      [pluginsDirectory, path.join(path.dirname(pluginsDirectory), 'plugins_registry')],
    );
  }

  /** Follows plugins, and takes away what pods left that went while nobody looked. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const uids = await this.volumes.load();
    await Promise.all([this.#watcher.run({ signal }), this.#sweep(uids, signal)]);
  }

  async #sweep(uids: readonly string[], signal: AbortSignal): Promise<void> {
    const { activePods, clock, directories, log } = this.#components;
    if (uids.length === 0) return;
    const active = await Promise.race([activePods(), untilAborted(signal)]);
    if (active === undefined) return;
    const left = new Set(uids.filter((uid) => !active.has(uid)));
    for (let tries = 0; left.size > 0 && !signal.aborted; tries += 1) {
      for (const uid of left) {
        try {
          await this.volumes.remove({ uid });
          await removeTree(directories.ofPod({ uid }));
          left.delete(uid);
        } catch (error) {
          if (tries === 0)
            log.warn(`Pod ${uid}, which is gone, left a volume: ${messageOf(error)}`);
        }
      }
      if (left.size > 0) await clock.sleep(retryInterval, { signal }).catch(() => undefined);
    }
  }
}
