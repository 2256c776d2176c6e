import { patchStatus } from '../../krator/status/patch-status.ts';
import type { StatusShape } from '../../krator/status/strategic-diff.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import type { PodClient } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodStatus } from '../pods/schema/pod-status.ts';
import { pods } from './core-resources.ts';
import { inWholeSeconds } from './whole-seconds.ts';

/** What the API server merges in a pod's status, and what is the kubelet's alone. */
const shape: StatusShape = {
  keyedLists: {
    conditions: { key: 'type', isShared: true },
    podIPs: { key: 'ip', isShared: false },
    hostIPs: { key: 'ip', isShared: false },
  },
  ownedFields: ['message', 'reason', 'podIP', 'hostIP'],
};

/** What was last written of a pod, and the pod as it was then. */
interface Written {
  readonly status: PodStatus;
  readonly pod: Pod;
}

/** Pods that live at an API server. */
export class ApiPods implements PodClient {
  readonly #client: ApiClient;
  /** The last writes, by uid: they give newer versions than a watch has told of so far. */
  readonly #written = new Map<string, Written>();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  async writeStatus(pod: Pod, status: PodStatus, options: AbortOptions = {}): Promise<void> {
    const { uid } = pod.metadata;
    const last = this.#written.get(uid);
    const newest = newer(last?.pod, pod);
    // A watch tells of every write: there is nothing in it that would have to be compared.
    if (last?.status === status && isSameVersion(last.pod, newest)) return;
    const written = await patchStatus(
      { client: this.#client, resource: pods, shape },
      { object: newest, observed: newest.status, wanted: inWholeSeconds(status) },
      options,
    );
    if (written) this.#written.set(uid, { status, pod: written });
    else this.#written.delete(uid);
  }

  async delete({ metadata }: Pod, options: AbortOptions = {}): Promise<void> {
    const { uid } = metadata;
    this.#written.delete(uid);
    try {
      await this.#client.delete(pods, metadata, { ...options, uid, gracePeriodSeconds: 0 });
    } catch (error) {
      // A conflict is about the uid: the pod is gone, and another one has its name.
      if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
    }
  }
}

function isSameVersion({ metadata: one }: Pod, { metadata: other }: Pod): boolean {
  return one.resourceVersion !== undefined && one.resourceVersion === other.resourceVersion;
}

function newer(written: Pod | undefined, seen: Pod): Pod {
  if (!written) return seen;
  const version = (pod: Pod): bigint => BigInt(pod.metadata.resourceVersion ?? 0);
  return version(written) > version(seen) ? written : seen;
}
