import { Backoff } from '../../krator/queue/backoff.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { isObject } from '../../kubernetes/is-object.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { NodeLog } from '../node/node-log.ts';

/** How long a node that was refused waits before it asks again: it is granted when it is set up. */
const refusalPauses = { firstDelay: 10_000, maxDelay: 60_000, jitter: 0.5 };

/** The same where the answer could not be had. */
const failurePauses = { firstDelay: 500, maxDelay: 30_000, jitter: 0.5 };

export interface PermittedWatchComponents {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: NodeLog;
  /** What follows the resources once that is allowed. */
  readonly reflectors: readonly {
    readonly synced: Promise<void>;
    run(options: { readonly signal: AbortSignal }): Promise<void>;
  }[];
}

export interface PermittedWatchInit {
  readonly resources: readonly Resource<KubernetesObject>[];
  /** What does not work without, and what grants it: told once. */
  readonly without: string;
  /** What works once it is granted: told where it was not. */
  readonly granted: string;
}

/**
 * Follows what nodes may see only where the cluster's administrator grants it: asks beforehand, and
 * goes without where the answer is no.
 */
export class PermittedWatch {
  readonly #components: PermittedWatchComponents;
  readonly #init: PermittedWatchInit;
  readonly #settled = Promise.withResolvers<void>();
  readonly #followed = Promise.withResolvers<void>();
  #isFollowing = false;

  constructor(components: PermittedWatchComponents, init: PermittedWatchInit) {
    this.#components = components;
    this.#init = init;
  }

  /** Whether everything there is is known, and kept up to date. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Resolves once {@link isFollowing}. */
  get followed(): Promise<void> {
    return this.#followed.promise;
  }

  /** Resolves once it is known what to expect: everything, or a refusal. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Runs until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await this.#untilPermitted(signal);
    if (signal.aborted) return;
    const { reflectors } = this.#components;
    await Promise.all([...reflectors.map((it) => it.run({ signal })), this.#tell(signal)]);
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const synced = Promise.all(this.#components.reflectors.map((it) => it.synced));
    await Promise.race([synced, untilAborted(signal)]);
    if (signal.aborted) return;
    this.#isFollowing = true;
    this.#followed.resolve();
    this.#settled.resolve();
  }

  async #untilPermitted(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#components;
    const refusals = new Backoff(refusalPauses);
    const failures = new Backoff(failurePauses);
    let pause = 0;
    while (!signal.aborted) {
      try {
        if (await this.#isPermitted(signal)) break;
        if (refusals.failures === 0) log.info(this.#init.without);
        this.#settled.resolve();
        failures.reset();
        pause = refusals.next();
      } catch (error) {
        if (signal.aborted) return;
        log.warn(`Cannot ask what the node may watch: ${messageOf(error)}`);
        pause = failures.next();
      }
      await clock.sleep(pause, { signal }).catch(() => undefined); // aborted: seen above
    }
    if (refusals.failures > 0 && !signal.aborted) log.info(this.#init.granted);
  }

  async #isPermitted(signal: AbortSignal): Promise<boolean> {
    for (const { apiVersion, plural } of this.#init.resources) {
      const group = apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : '';
      for (const verb of ['list', 'watch']) {
        if (!(await this.#mayI({ group, resource: plural, verb }, signal))) return false;
      }
    }
    return true;
  }

  /** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/ */
  async #mayI(resourceAttributes: object, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#components.client.request(
      {
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        },
      },
      { signal },
    );
    return isObject(answer) && isObject(answer.status) && answer.status.allowed === true;
  }
}
