import { isIP } from 'node:net';
import { checkServerIdentity, getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';
import { plainAddress } from '../../network/plain-address.ts';
import type { Routes } from '../../network/routes.ts';
import type { Endpoint } from '../../system/network-sockets.ts';
import { isLoopbackOf, isUnspecified, sourceTowards } from '../sockets/address-rules.ts';
import { familyOf } from '../sockets/ip-address.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { HttpFailure } from './error-code.ts';

/** How many hosts keep their TLS sessions. */
const rememberedHosts = 256;
/** How many addresses of a name are tried. */
const mostTries = 4;

export interface GuardedConnectorComponents {
  readonly policy: EgressPolicy;
  readonly routes: Routes;
  /** The addresses of a name; fails with the code of a resolver, such as `ENOTFOUND`. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
}

export interface GuardedConnectorInit {
  /** Milliseconds for all addresses of a name together, of which each has its share. */
  readonly connectTimeout: number;
  /**
   * Where connections come from, one address a family, which is what loopback means then; empty leaves
   * it to the system.
   */
  readonly from: readonly string[];
}

/** The host of a URL: a name, or an address without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

/**
 * Connects for undici, and only to addresses that the policy allows. The address that was checked is
 * the one that is connected to: a name that answers differently the second time gains nothing.
 */
export function guardedConnector(
  components: GuardedConnectorComponents,
  init: GuardedConnectorInit,
): buildConnector.connector {
  const connectors = new Map<string, buildConnector.connector>();
  const ca = [...getCACertificates('default'), ...getCACertificates('system')];

  /** One for each host, whose certificate is checked whatever address the host has. */
  function connectorFor(host: string, timeout: number): buildConnector.connector {
    const key = `${timeout} ${host}`;
    const known = connectors.get(key);
    if (known !== undefined) return known;
    if (connectors.size >= rememberedHosts) connectors.clear();
    const made = buildConnector({
      ca,
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
      timeout,
      allowH2: true,
    });
    connectors.set(key, made);
    return made;
  }

  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    candidates(components, { host, port }, init.from)
      .then((all) => {
        const share = Math.ceil(init.connectTimeout / all.length);
        return firstConnection(all, init, promised(connectorFor(host, share), options));
      })
      .then(
        (socket) => callback(null, socket),
        (failure) => callback(failure, null),
      );
  };
}

/** Where the host may be found, in the order it is tried in. */
async function candidates(
  { policy, routes, resolve }: GuardedConnectorComponents,
  { host, port }: { readonly host: string; readonly port: number },
  from: readonly string[],
): Promise<readonly Endpoint[]> {
  if (!policy.allowsHost(host, port)) throw prohibited();
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const allowed = addresses
    .filter((address) => policy.allowsAddress(host, address, port))
    .flatMap((address) => meantBy(plainAddress(address), from))
    .filter((address) => !from.includes(address) || policy.allowsOwn(address, port));
  const ways = allowed.map((address) => routes.to('TCP', { address, port }));
  const open = ways.flatMap((way) => (way.kind === 'open' ? [way.to] : []));
  if (open.length > 0) return open.slice(0, mostTries);
  throw ways.some(({ kind }) => kind === 'refused') ? refused() : prohibited();
}

/** A pod's loopback is its own address: that of the node is out of its reach. */
function meantBy(address: string, from: readonly string[]): readonly string[] {
  const own = from.find((each) => familyOf(each) === familyOf(address));
  const isOwn = isUnspecified(address) || isLoopbackOf(own, address);
  if (from.length === 0 || !isOwn) return [address];
  return own === undefined ? [] : [own];
}

type Connect = (to: Endpoint, localAddress: string | null) => Promise<Socket>;
type Socket = Parameters<buildConnector.Callback>[1] & object;

function promised(connector: buildConnector.connector, options: buildConnector.Options): Connect {
  return ({ address, port }, localAddress) =>
    new Promise((resolve, reject) => {
      const there = { ...options, hostname: address, port: String(port), localAddress };
      connector(there, (...[failure, socket]) => (failure ? reject(failure) : resolve(socket)));
    });
}

async function firstConnection(
  all: readonly Endpoint[],
  { from }: GuardedConnectorInit,
  connect: Connect,
): Promise<Socket> {
  let trouble: unknown = unreachable();
  for (const to of all) {
    const own = from.find((address) => familyOf(address) === familyOf(to.address));
    if (own === undefined && from.length > 0) continue;
    try {
      return await connect(to, sourceTowards(own, to.address) ?? null);
    } catch (failure) {
      trouble = failure;
    }
  }
  throw trouble;
}

function prohibited(): Error {
  const cause = new HttpFailure({ kind: 'destination-IP-prohibited' });
  return new Error('Cannot connect: the policy allows none of the addresses', { cause });
}

function refused(): Error {
  const cause = new HttpFailure({ kind: 'connection-refused' });
  return new Error('Cannot connect: no endpoint of the Service is ready', { cause });
}

function unreachable(): Error {
  const cause = new HttpFailure({ kind: 'destination-IP-unroutable' });
  return new Error('Cannot connect: the pod has no address of that family', { cause });
}
