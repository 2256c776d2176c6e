import type { Store } from '../../krator/cache/store.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { abortable } from '../abortable.ts';
import type { ServiceVariables } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { Service, ServicePort } from './core-resources.ts';

/** The API server's own Service, which every pod is told of. */
const masterService = 'default/kubernetes';

/** All Services of the cluster, kept up to date by whoever made the store. */
export interface ClusterServicesComponents {
  readonly store: Store<Service, 'namespace'>;
  /** Resolves once the store has all Services. */
  readonly synced: Promise<void>;
}

/** Variables for the Services that a pod may see, from the cluster's Services. */
export class ClusterServices implements ServiceVariables {
  readonly #components: ClusterServicesComponents;

  constructor(components: ClusterServicesComponents) {
    this.#components = components;
  }

  async of(
    { metadata: { namespace }, spec }: Pod,
    { signal }: AbortOptions = {},
  ): Promise<ReadonlyMap<string, string>> {
    const { store, synced } = this.#components;
    await abortable(synced, signal);
    const master = store.get(masterService);
    const linked = spec.enableServiceLinks === false ? [] : store.find('namespace', namespace);
    const visible = [...(master ? [master] : []), ...linked];
    return new Map(visible.flatMap((service) => serviceVariables(service)));
  }
}

/**
 * The variables of one Service; none where it has no address of its own.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceVariables({
  metadata,
  spec,
}: Service): readonly (readonly [string, string])[] {
  const { clusterIP = '', ports = [] } = spec;
  const [first] = ports;
  if (clusterIP === '' || clusterIP === 'None' || !first) return [];
  const prefix = variableName(metadata.name);
  const named = ports.flatMap(({ name = '', port }) =>
    name === '' ? [] : [[`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port)] as const],
  );
  return [
    [`${prefix}_SERVICE_HOST`, clusterIP],
    [`${prefix}_SERVICE_PORT`, String(first.port)],
    ...named,
    [`${prefix}_PORT`, urlOf(clusterIP, first)],
    ...ports.flatMap((port) => linkVariables(prefix, clusterIP, port)),
  ];
}

/** As Docker's links had them. */
function linkVariables(
  prefix: string,
  address: string,
  port: ServicePort,
): readonly (readonly [string, string])[] {
  const protocol = port.protocol ?? 'TCP';
  const name = `${prefix}_PORT_${port.port}_${protocol}`;
  return [
    [name, urlOf(address, port)],
    [`${name}_PROTO`, protocol.toLowerCase()],
    [`${name}_PORT`, String(port.port)],
    [`${name}_ADDR`, address],
  ];
}

function urlOf(address: string, { port, protocol = 'TCP' }: ServicePort): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${protocol.toLowerCase()}://${host}:${port}`;
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
