import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseResolvConf } from '../../kubelet/network/resolv-conf.ts';
import type { EgressRuleSpec, NetworkSpec } from '../../runtime/container-spec.ts';
import { dnsSpecOf } from '../../wasi-provider/network-spec-of.ts';
import { parsePublish } from '../options/parse-publish.ts';

/** Where this machine's own services listen: reached only where a rule names that very address. */
const ownDoors = ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'];

/**
 * What a component's sockets reach: nothing unless something is published or allowed. They listen at
 * the address of the first --publish of their family, else on loopback, and at published ports alone.
 */
export function networkOf(
  publish: readonly string[],
  egress: readonly EgressRuleSpec[],
): NetworkSpec | undefined {
  if (publish.length === 0 && egress.length === 0) return undefined;
  const published = publish.map(parsePublish);
  const addressOf = (family: 4 | 6, loopback: string) =>
    published.find(({ address }) => isIP(address) === family)?.address ?? loopback;
  return {
    addresses: [addressOf(4, '127.0.0.1'), addressOf(6, '::1')],
    ports: published.map(({ port }) => port),
    egress,
    guarded: [{ cidrs: ownDoors }],
    dns: dnsSpecOf(parseResolvConf(read('/etc/resolv.conf'))),
    hosts: parseHosts(read('/etc/hosts')),
  };
}

/** The lines of a hosts file; an address comes first in each. */
function parseHosts(text: string): NetworkSpec['hosts'] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  return lines
    .map(([address = '', ...names]) => ({ address, names }))
    .filter(({ address }) => isIP(address) !== 0);
}

/** Resolvers take a file that is not there for an empty one. */
function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
