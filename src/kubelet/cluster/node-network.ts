import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { PodNetwork } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { AddressPool } from '../standalone/address-pool.ts';

/** What `NodeNetwork` needs. */
export interface NodeNetworkComponents {
  readonly log: NodeLog;
  /** Resolves to the block that the cluster gave the node; `undefined` where it gives none. */
  readonly podCIDR: Promise<string | undefined>;
  readonly hostIPs: readonly string[];
}

/**
 * Addresses of the node's podCIDR, made local to this machine with one route, so that every pod has
 * its own without an interface of its own. Where that may not be done, addresses of the loopback
 * block that only this machine reaches.
 */
export class NodeNetwork implements PodNetwork {
  readonly #components: NodeNetworkComponents;
  #pool: Promise<AddressPool> | undefined;

  constructor(components: NodeNetworkComponents) {
    this.#components = components;
  }

  async allocate(
    pod: Pod,
    preferred: readonly string[],
    _options?: AbortOptions,
  ): Promise<readonly string[]> {
    this.#pool ??= this.#openPool();
    return (await this.#pool).allocate(pod, preferred);
  }

  async release(pod: Pod): Promise<void> {
    await (await this.#pool)?.release(pod);
  }

  async #openPool(): Promise<AddressPool> {
    const { podCIDR, hostIPs, log } = this.#components;
    const cidr = await podCIDR;
    if (cidr === undefined) {
      log.warn('The cluster gives this node no podCIDR: pods are reached from this machine only');
      return new AddressPool({ hostIPs });
    }
    try {
      await promisify(execFile)('ip', ['route', 'replace', 'local', cidr, 'dev', 'lo']);
      return new AddressPool({ hostIPs, cidr });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn(
        `Cannot make ${cidr} local, so that pods are reached from this machine only: ${message}`,
      );
      return new AddressPool({ hostIPs });
    }
  }
}
