/** Labels in Kubernetes' own namespaces that a node may set on itself. */
const allowedLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
]);
const allowedNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/**
 * The labels that a node may not set on itself, by the rules of the NodeRestriction admission
 * plugin, which would refuse the whole node for one of them.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export function forbiddenLabels(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(labels).filter((label) => !isAllowed(label));
}

function isAllowed(label: string): boolean {
  const namespace = label.includes('/') ? label.slice(0, label.indexOf('/')) : '';
  if (isWithin(namespace, 'node-restriction.kubernetes.io')) return false;
  if (!isWithin(namespace, 'kubernetes.io') && !isWithin(namespace, 'k8s.io')) return true;
  return (
    allowedLabels.has(label) || allowedNamespaces.some((allowed) => isWithin(namespace, allowed))
  );
}

function isWithin(namespace: string, domain: string): boolean {
  return namespace === domain || namespace.endsWith(`.${domain}`);
}
