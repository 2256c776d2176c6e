import type { ApiClient } from '../../../kubernetes/api/api-client.ts';
import { isApiError } from '../../../kubernetes/api/api-error.ts';
import { type Clock, systemClock } from '../../../kubernetes/clock.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import { type Lease, leases, microTime } from '../../../kubernetes/resources/lease.ts';
import type { Node } from '../../../kubernetes/resources/node.ts';
import type { NodeLog } from '../node-log.ts';

/** What `LeaseRenewer` needs. */
export interface LeaseRenewerComponents {
  readonly client: ApiClient;
  readonly log: NodeLog;
  /** The node's own Node, as last seen. */
  readonly node: () => Node | undefined;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** All optional. */
export interface LeaseRenewerInit {
  /** After how many seconds without renewal the cluster gives the node up. @default 40 */
  readonly durationSeconds?: number;
  /** Milliseconds between renewals. @default a quarter of the duration */
  readonly interval?: number;
}

const namespace = 'kube-node-lease';
const longestRetryDelay = 7_000;

/** Says every ten seconds that the node is alive, in one small request. */
export class LeaseRenewer {
  readonly #client: ApiClient;
  readonly #log: NodeLog;
  readonly #node: () => Node | undefined;
  readonly #clock: Clock;
  readonly #durationSeconds: number;
  readonly #interval: number;
  #failures = 0;

  constructor({ client, log, node, clock }: LeaseRenewerComponents, init: LeaseRenewerInit = {}) {
    this.#client = client;
    this.#log = log;
    this.#node = node;
    this.#clock = clock ?? systemClock;
    this.#durationSeconds = init.durationSeconds ?? 40;
    this.#interval = init.interval ?? this.#durationSeconds * 250;
  }

  /** Renews until the signal aborts; failures are tried again sooner. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    try {
      for (;;) {
        const delay = (await this.#tryToRenew(signal)) ? this.#interval : this.#retryDelay();
        await this.#clock.sleep(delay, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #tryToRenew(signal: AbortSignal): Promise<boolean> {
    const node = this.#node();
    if (!node) return false;
    try {
      await this.#renew(node, AbortSignal.any([signal, AbortSignal.timeout(this.#interval)]));
      if (this.#failures > 0) this.#log.info('Lease renewed again');
      this.#failures = 0;
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const message = messageOf(error);
      if (this.#failures === 0) this.#log.warn(`Cannot renew the node's lease: ${message}`);
      this.#failures += 1;
      return false;
    }
  }

  async #renew(node: Node, signal: AbortSignal): Promise<void> {
    const lease = this.#lease(node);
    const { metadata, spec } = lease;
    const body = { metadata: { ownerReferences: metadata.ownerReferences }, spec };
    try {
      await this.#client.patch(leases, metadata, { kind: 'merge', body }, { signal });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      await this.#client.create(leases, lease, { signal });
    }
  }

  #lease({ metadata: { name, uid = '' } }: Node): Lease {
    return {
      metadata: {
        name,
        namespace,
        // The lease goes when the Node goes.
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      },
      spec: {
        holderIdentity: name,
        leaseDurationSeconds: this.#durationSeconds,
        renewTime: microTime(this.#clock.now()),
      },
    };
  }

  #retryDelay(): number {
    return Math.min(200 * 2 ** this.#failures, longestRetryDelay);
  }
}
