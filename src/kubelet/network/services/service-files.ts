import { isIP } from 'node:net';
import type { Service, ServicePort } from '../../cluster/core-resources.ts';
import { canonicalAddress } from '../address-range.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from './endpoint-slices.ts';

export interface ServiceFilesInit {
  readonly nodeName: string;
  /** Whether containers may be led there: not to the node's own doors. */
  readonly mayLeadTo: (address: string, port: number) => boolean;
}

interface Place {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly port: number;
}

/** Seconds that a client stays with an endpoint where a Service says no more than that it does. */
const stockAffinity = 10_800;

/**
 * What containers are told of a Service: for each of its cluster addresses a text with a line a
 * port. A line is the protocol, the port, the seconds of session affinity (0 without), and address
 * and port of each endpoint that may be connected to; none refuses connections.
 *
 * @see https://kubernetes.io/docs/reference/networking/virtual-ips/
 */
export function serviceFiles(
  { spec }: Service,
  slices: readonly EndpointSlice[],
  init: ServiceFilesInit,
): ReadonlyMap<string, string> {
  const { clusterIP = '', clusterIPs = [clusterIP], ports = [] } = spec;
  const addresses = clusterIPs.filter((address) => isIP(address) !== 0);
  return new Map(
    addresses.map((address) => {
      const family = isIP(address) === 4 ? 'IPv4' : 'IPv6';
      const own = slices.filter(({ addressType }) => addressType === family);
      const lines = ports.filter(isSpoken).map((port) => `${lineOf(spec, port, own, init)}\n`);
      return [canonicalAddress(address), lines.join('')] as const;
    }),
  );
}

function isSpoken({ protocol = 'TCP' }: ServicePort): boolean {
  return protocol === 'TCP' || protocol === 'UDP';
}

function lineOf(
  spec: Service['spec'],
  port: ServicePort,
  slices: readonly EndpointSlice[],
  { nodeName, mayLeadTo }: ServiceFilesInit,
): string {
  const places = slices
    .flatMap((slice) => placesIn(slice, port))
    .filter((it) => mayLeadTo(it.address, it.port));
  const isLocal = spec.internalTrafficPolicy === 'Local';
  const near = isLocal ? places.filter(({ endpoint }) => endpoint.nodeName === nodeName) : places;
  const texts = usable(near).map(({ address, port }) => `${address} ${port}`);
  const start = [port.protocol ?? 'TCP', port.port, affinityOf(spec)];
  return [...start, ...new Set(texts.toSorted())].join(' ');
}

/** Where a port of the Service leads, by its name: its number at the endpoints is theirs. */
function placesIn(
  { endpoints, ports }: EndpointSlice,
  { name = '', protocol = 'TCP' }: ServicePort,
): readonly Place[] {
  const isMeant = (it: EndpointPort) =>
    (it.name ?? '') === name && (it.protocol ?? 'TCP') === protocol;
  const target = (ports ?? []).find(isMeant)?.port;
  if (typeof target !== 'number') return [];
  return (endpoints ?? []).flatMap((endpoint) => {
    const [address] = endpoint.addresses;
    if (address === undefined || isIP(address) === 0) return [];
    return [{ endpoint, address: canonicalAddress(address), port: target }];
  });
}

/** Those that are ready; where none is, those that still serve while they end. */
function usable(places: readonly Place[]): readonly Place[] {
  const ready = places.filter(({ endpoint: { conditions } }) => conditions?.ready ?? true);
  if (ready.length > 0) return ready;
  return places.filter(
    ({ endpoint: { conditions } }) => conditions?.serving && conditions.terminating,
  );
}

function affinityOf({ sessionAffinity, sessionAffinityConfig }: Service['spec']): number {
  if (sessionAffinity !== 'ClientIP') return 0;
  return sessionAffinityConfig?.clientIP?.timeoutSeconds ?? stockAffinity;
}
