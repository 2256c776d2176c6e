import { BlockList, isIPv6 } from 'node:net';
import { ApiListWatch } from '../../krator/cache/api-list-watch.ts';
import { Reflector } from '../../krator/cache/reflector.ts';
import { Store } from '../../krator/cache/store.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import { Doorbell } from '../doorbell.ts';
import { emptyDirectory, LiveDirectory } from '../network/live-directory.ts';
import {
  type EndpointSlice,
  endpointSlices,
  serviceOf,
} from '../network/services/endpoint-slices.ts';
import { serviceFiles } from '../network/services/service-files.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { Service } from './core-resources.ts';
import { keepCurrent } from './keep-current.ts';
import { PermittedWatch } from './permitted-watch.ts';

export interface ServiceProxyComponents {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: NodeLog;
  readonly services: Store<Service, string>;
  readonly servicesSynced: Promise<void>;
}

export interface ServiceProxyInit {
  /** What containers look into; made when it is first needed. */
  readonly directory: string;
  readonly nodeName: string;
  /** Whether the kubelet answers there, where no Service leads to. @default nowhere */
  readonly isKubelet?: (address: string, port: number) => boolean;
}

/** Addresses that no endpoint may have; the API server refuses them as well. */
const forbidden = new BlockList();
forbidden.addSubnet('127.0.0.0', 8, 'ipv4');
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addAddress('::1', 'ipv6');
forbidden.addSubnet('fe80::', 10, 'ipv6');

/** Tells containers where Services lead: a file for each address of one, kept up to date. */
export class ServiceProxy {
  readonly #components: ServiceProxyComponents;
  readonly #init: ServiceProxyInit;
  readonly #watch: PermittedWatch;
  readonly #slices = new Store<EndpointSlice, 'service'>({
    indexers: { service: (slice) => [serviceOf(slice)].filter((key) => key !== undefined) },
  });
  readonly #bell = new Doorbell();
  /** Keys of Services whose files may have changed. */
  readonly #changed = new Set<string>();
  /** Which Service a file belongs to, and which files a Service has. */
  readonly #owners = new Map<string, string>();
  readonly #names = new Map<string, readonly string[]>();
  #isComplete = false;
  #directory: LiveDirectory | undefined;

  constructor(components: ServiceProxyComponents, init: ServiceProxyInit) {
    const { client, log, services, servicesSynced } = components;
    this.#components = components;
    this.#init = init;
    const slices = new Reflector(
      { source: new ApiListWatch({ client, resource: endpointSlices }), store: this.#slices },
      { onError: (error) => log.warn(`Cannot follow EndpointSlices: ${error}`) },
    );
    const reflectors = [slices, { synced: servicesSynced, run: async () => undefined }];
    this.#watch = new PermittedWatch(
      { ...components, reflectors },
      {
        resources: [endpointSlices],
        without:
          'Services are left to the machine: the node may not watch EndpointSlices (deploy/services.yaml grants it)',
        granted: 'The node may watch EndpointSlices: containers that start now find Services by it',
      },
    );
    services.subscribe(({ object }) => this.#touch(keyOf(object)));
    this.#slices.subscribe((change) => {
      this.#touch(serviceOf(change.object));
      if (change.kind === 'updated') this.#touch(serviceOf(change.previous));
    });
  }

  /** Whether containers are told of Services. */
  get isActive(): boolean {
    return this.#directory !== undefined;
  }

  /** Resolves once it is known whether {@link isActive} will be so. */
  get settled(): Promise<void> {
    return this.#watch.settled;
  }

  /** The directory as it is to be when a container starts; undefined where there is none to show. */
  prepare(): string | undefined {
    if (this.#watch.isFollowing) this.#publish();
    return this.#directory?.path;
  }

  /** Runs until the signal aborts; the files stay for containers that run on. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { clock, log } = this.#components;
    const update = () => this.#publish();
    const { followed } = this.#watch;
    await Promise.all([
      this.#watch.run({ signal }),
      keepCurrent({ clock, log, bell: this.#bell, followed, update }, { signal }),
      this.#forgetWhereRefused(signal),
    ]);
  }

  /** What an earlier life told of is not kept up to date any more. */
  async #forgetWhereRefused(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#watch.settled, untilAborted(signal)]);
    if (!signal.aborted && !this.#watch.isFollowing) emptyDirectory(this.#init.directory);
  }

  #touch(key: string | undefined): void {
    if (key === undefined) return;
    this.#changed.add(key);
    this.#bell.ring();
  }

  #publish(): void {
    this.#directory ??= new LiveDirectory(this.#init.directory);
    const directory = this.#directory;
    if (!this.#isComplete) {
      for (const service of this.#components.services.list()) this.#changed.add(keyOf(service));
    }
    for (const key of [...this.#changed]) {
      this.#publishOne(directory, key);
      this.#changed.delete(key);
    }
    if (!this.#isComplete) this.#removeStrays(directory);
    this.#isComplete = true;
  }

  #publishOne(directory: LiveDirectory, key: string): void {
    const service = this.#components.services.get(key);
    const files = service ? this.#filesOf(key, service) : new Map<string, string>();
    for (const [name, text] of files) {
      directory.put(name, text);
      this.#owners.set(name, key);
    }
    for (const name of this.#names.get(key) ?? []) {
      // An address that another Service has by now is that one's.
      if (!files.has(name) && this.#owners.get(name) === key) this.#remove(directory, name);
    }
    if (service) this.#names.set(key, [...files.keys()]);
    else this.#names.delete(key);
  }

  #remove(directory: LiveDirectory, name: string): void {
    directory.remove(name);
    this.#owners.delete(name);
  }

  /** What an earlier life of this process told of Services that are gone. */
  #removeStrays(directory: LiveDirectory): void {
    for (const name of directory.names) if (!this.#owners.has(name)) directory.remove(name);
  }

  #filesOf(key: string, service: Service): ReadonlyMap<string, string> {
    const { nodeName, isKubelet } = this.#init;
    return serviceFiles(service, this.#slices.find('service', key), {
      nodeName,
      mayLeadTo: (address, port) =>
        !forbidden.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') && !isKubelet?.(address, port),
    });
  }
}
