import { isIP, isIPv6 } from 'node:net';
import type { EgressRuleSpec } from '../container-spec.ts';

/** Upstream's word for every host. */
const allowAll = 'insecure:allow-all';
const httpPorts = [80, 443];

/**
 * Reads domains that a guest may send requests to: `example.org`, `*.example.org`, an address, or
 * a URL of these, of which the port counts; `insecure:allow-all` is every name. Without a port they
 * mean HTTP's own, 80 and 443.
 *
 * @throws {TypeError} for what is none
 */
export function egressOf(domains: readonly string[]): readonly EgressRuleSpec[] {
  return domains.map((domain) => {
    if (domain === allowAll) return { hosts: ['*'] };
    const { host, port } = parse(domain);
    const ports = port === '' ? httpPorts : [Number(port)];
    return isIP(host) === 0
      ? { hosts: [host], ports }
      : { cidrs: [`${host}/${isIPv6(host) ? 128 : 32}`], ports };
  });
}

function parse(domain: string): { readonly host: string; readonly port: string } {
  const wildcard = domain.startsWith('*.') ? '*.' : '';
  const plain = domain.slice(wildcard.length);
  const text = /^https?:\/\//.test(plain) ? plain : `http://${plain}`;
  // The default port of a scheme is not in its URLs, but it was asked for all the same.
  const explicit = /:(\d+)\/?$/.exec(text)?.[1] ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.pathname !== '/' || url.username !== '') {
    throw new TypeError(
      `Cannot allow domain '${domain}': give a name such as example.org, or a URL without a path`,
    );
  }
  return { host: wildcard + url.hostname.replace(/^\[|\]$/g, ''), port: explicit };
}
