import type { Pod } from '../../pods/schema/pod.ts';
import { ConfigError } from '../config-error.ts';

/** Addresses that fields of a pod's status stand for, known before the status is written. */
export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
}

/**
 * Reads the field of a pod that a `fieldRef` names, as text: every path that Kubernetes allows,
 * and upstream Krustlet's `metadata.labels.NAME` beside `metadata.labels['NAME']`.
 *
 * @throws {ConfigError} where the path is not one of them
 */
export function fieldReference(pod: Pod, addresses: PodAddresses, fieldPath: string): string {
  const plain = plainField(pod, addresses, fieldPath);
  if (plain !== undefined) return plain;
  const match = /^metadata\.(labels|annotations)(?:\['(.*)'\]|\.(.+))$/.exec(fieldPath);
  if (match === null) {
    throw new ConfigError(`field label not supported: ${fieldPath}`);
  }
  const [, map, subscript, member] = match;
  const values = map === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
  return values[subscript ?? member ?? ''] ?? '';
}

function plainField(pod: Pod, addresses: PodAddresses, path: string): string | undefined {
  const { metadata, spec, status } = pod;
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
    case 'spec.host':
      return spec.nodeName;
    case 'spec.restartPolicy':
      return spec.restartPolicy;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? spec.serviceAccount ?? '';
    case 'spec.schedulerName':
      return spec.schedulerName ?? '';
    case 'status.phase':
      return status.phase ?? 'Pending';
    case 'status.hostIP':
      return addresses.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return addresses.hostIPs.join(',');
    case 'status.podIP':
      return addresses.podIPs[0] ?? '';
    case 'status.podIPs':
      return addresses.podIPs.join(',');
    default:
      return undefined;
  }
}

/** One `key="value"` a line, sorted by key and escaped as Go's %q does it. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}
