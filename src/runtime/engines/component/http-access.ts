import { existsSync } from 'node:fs';
import { fileAccess } from '../../../wasi/libc/landlock.ts';
import type { EgressRuleSpec } from '../../container-spec.ts';
import type { FileRule } from '../../sandbox/sandbox-policy.ts';

/** Names are resolved over TCP where an answer is too long for UDP. */
const domainPort = 53;
const resolverFiles = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/gai.conf'];
const certificates = ['/etc/ssl', '/etc/pki', '/usr/lib/ssl', '/usr/share/ca-certificates'];

/** TCP ports that a guest under these rules connects to; `any` where a rule names none. */
export function egressPorts(egress: readonly EgressRuleSpec[]): readonly number[] | 'any' {
  if (egress.length === 0) return [];
  if (egress.some(({ ports }) => ports === undefined)) return 'any';
  return [...new Set([domainPort, ...egress.flatMap(({ ports = [] }) => ports)])];
}

/** Files by which names are resolved. */
export function egressFiles(egress: readonly EgressRuleSpec[]): FileRule[] {
  return egress.length === 0 ? [] : readable(resolverFiles, fileAccess.readFile);
}

/** Files that are read before the sandbox closes: the certificates that this machine trusts. */
export function certificateFiles(egress: readonly EgressRuleSpec[]): FileRule[] {
  if (egress.length === 0) return [];
  return readable(certificates, fileAccess.readFile | fileAccess.readDirectory);
}

function readable(paths: readonly string[], access: bigint): FileRule[] {
  return paths.filter((path) => existsSync(path)).map((path) => ({ path, access }));
}
