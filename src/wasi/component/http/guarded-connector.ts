import type { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';
import type { EgressPolicy } from './egress-policy.ts';
import { HttpFailure } from './error-code.ts';

/** How many hosts keep their TLS sessions. */
const rememberedHosts = 256;

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
  components: { policy: EgressPolicy },
  init: { connectTimeout: number; lookup: typeof resolve },
): buildConnector.connector {
  const connectors = new Map<string, buildConnector.connector>();
  const ca = [...getCACertificates('default'), ...getCACertificates('system')];
  return (options, callback) => {
    const { port: portText, protocol } = options;
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const port = Number(portText) || (protocol === 'https:' ? 443 : 80);
    const key = `${host} ${port}`;
    const lookup = guardedLookup(components.policy, init.lookup, port);
    const known = connectors.get(key);
    const connector =
      known ?? buildConnector({ ca, lookup, timeout: init.connectTimeout, allowH2: true });
    if (connectors.size >= rememberedHosts) connectors.clear();
    connectors.set(key, connector);
    connector(options, callback);
  };
}

function guardedLookup(policy: EgressPolicy, lookup: typeof resolve, port: number): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (failure, addresses) => {
      const allowed = (addresses ?? []).filter(({ address }) =>
        policy.allowsAddress(hostname, address, port),
      );
      const [first] = allowed;
      if (failure !== null) callback(failure, '', 0);
      else if (first === undefined) callback(prohibited(), '', 0);
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function prohibited(): NodeJS.ErrnoException {
  const cause = new HttpFailure({ kind: 'destination-IP-prohibited' });
  return new Error('Cannot connect: the policy allows none of the addresses', { cause });
}
