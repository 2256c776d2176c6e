import type { NodeLog } from '../node/node-log.ts';
import type { CsiCluster } from './csi-cluster.ts';
import { CsiDriver } from './csi-driver.ts';
import type { PluginInfo } from './plugin-registration-api.ts';
import type { PluginHandler } from './plugin-watcher.ts';

/** What `CsiDrivers` needs. */
export interface CsiDriversComponents {
  readonly cluster: Pick<CsiCluster, 'announce'>;
  readonly log: NodeLog;
}

/** The CSI drivers that are on the node now. */
export class CsiDrivers implements PluginHandler {
  readonly #components: CsiDriversComponents;
  readonly #drivers = new Map<string, { readonly driver: CsiDriver; readonly socket: string }>();

  constructor(components: CsiDriversComponents) {
    this.#components = components;
  }

  /** A driver by its name, while it is there. */
  of(name: string): CsiDriver | undefined {
    return this.#drivers.get(name)?.driver;
  }

  async register(plugin: PluginInfo, signal: AbortSignal): Promise<void> {
    const { name, endpoint, supportedVersions } = plugin;
    // Names are parts of paths here and at the API server.
    if (!/^[A-Za-z0-9]([-A-Za-z0-9.]{0,61}[A-Za-z0-9])?$/.test(name)) {
      throw new Error(`"${name}" cannot be the name of a driver`);
    }
    if (!supportedVersions.some((version) => /^v?1(\.|$)/.test(version))) {
      throw new Error(`driver "${name}" supports ${supportedVersions.join(', ')}, and not 1.x`);
    }
    const driver = await CsiDriver.connect(name, endpoint, { signal });
    await this.#components.cluster.announce(name, driver.info, { signal });
    this.#drivers.set(name, { driver, socket: endpoint });
    this.#components.log.info(`The CSI driver ${name} has registered`);
  }

  deregister({ name, endpoint }: PluginInfo): void {
    if (this.#drivers.get(name)?.socket !== endpoint) return;
    this.#drivers.delete(name);
    this.#components.log.warn(`The CSI driver ${name} is gone`);
  }
}
