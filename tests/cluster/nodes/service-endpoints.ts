import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EndpointSlice,
  endpointSlices,
} from '../../../src/kubelet/network/services/endpoint-slices.ts';
import type { TestClient } from '../test-cluster.ts';

/** The ready endpoints of a namespace's Services as a proxy knows them, a moment old at most. */
export class ServiceEndpoints implements AsyncDisposable {
  readonly #client: TestClient;
  readonly #namespace: string;
  readonly #abort = new AbortController();
  readonly #following: Promise<void>;
  #ready: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(client: TestClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
    this.#following = this.#follow();
  }

  /** `address:port` of each, none for a Service that is not there. */
  of(service: string): readonly string[] {
    return this.#ready.get(service) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const { items } = await this.#client.list(endpointSlices, { namespace: this.#namespace });
      const pairs = items.map((slice) => [serviceOf(slice), readyOf(slice)] as const);
      this.#ready = new Map(pairs);
      await sleep(50);
    }
  }
}

function serviceOf({ metadata }: EndpointSlice): string {
  return metadata.labels?.['kubernetes.io/service-name'] ?? '';
}

function readyOf({ endpoints, ports }: EndpointSlice): readonly string[] {
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready)
    .flatMap(({ addresses }) =>
      addresses.flatMap((address) => (ports ?? []).map(({ port }) => `${address}:${port}`)),
    );
}
