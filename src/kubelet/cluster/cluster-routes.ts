import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { abortable } from '../abortable.ts';
import { emptyDirectory } from '../network/live-directory.ts';
import type { PodRoutes } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PolicyEnforcer } from './policy-enforcer.ts';
import type { ServiceProxy } from './service-proxy.ts';

/** How long a start waits for the cluster to say what there is, in milliseconds. */
const patience = 10_000;

export interface ClusterRoutesComponents {
  readonly clock: Clock;
  /** Absent where Services are left to the machine. */
  readonly services?: ServiceProxy;
  /** A directory that an earlier life may have told of Services in, where this one does not. */
  readonly abandoned?: string;
  /** Absent where NetworkPolicies are not enforced. */
  readonly policies?: PolicyEnforcer;
}

/** What containers are told of the cluster's Services and NetworkPolicies. */
export class ClusterRoutes implements PodRoutes {
  readonly #components: ClusterRoutesComponents;
  #isSettled = false;

  constructor(components: ClusterRoutesComponents) {
    this.#components = components;
  }

  /** What is told at this moment, for the node's metrics. */
  get active(): { readonly services: boolean; readonly networkPolicies: boolean } {
    const { services, policies } = this.#components;
    return {
      services: services?.isActive ?? false,
      networkPolicies: policies?.isActive ?? false,
    };
  }

  /** A container that started before its rules are known would have none. */
  async open(pod: Pod, podIPs: readonly string[], { signal }: AbortOptions = {}) {
    const { services, policies } = this.#components;
    if (!this.#isSettled) await this.#settled(signal);
    const table = services?.prepare();
    const peers = await policies?.prepare(pod, podIPs);
    return { ...(table && { services: table }), ...(peers && { peers }) };
  }

  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { abandoned, services, policies } = this.#components;
    if (abandoned !== undefined) emptyDirectory(abandoned);
    await Promise.all([services?.run(options), policies?.run(options)]);
  }

  async #settled(signal: AbortSignal | undefined): Promise<void> {
    const { clock, services, policies } = this.#components;
    const settled = Promise.all([services?.settled, policies?.settled]).then(() => {
      this.#isSettled = true;
    });
    const done = new AbortController();
    const timeout = clock.sleep(patience, done).catch(() => undefined); // settled before
    try {
      const first = Promise.race([settled, timeout]);
      await (signal === undefined ? first : abortable(first, signal));
    } finally {
      done.abort();
    }
  }
}
