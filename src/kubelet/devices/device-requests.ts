import { quantityUnits } from '../pods/quantity.ts';
import type { PodContainer } from '../pods/schema/container.ts';

/** So many devices of a resource. */
export interface DeviceRequest {
  readonly resource: string;
  readonly amount: number;
}

/** The extended resources that a container asks for; what cpu and its like are is no device. */
export function deviceRequests({ resources: { limits } }: PodContainer): readonly DeviceRequest[] {
  return Object.entries(limits).flatMap(([resource, quantity]) => {
    if (!isExtendedResource(resource)) return [];
    const amount = quantityUnits(quantity);
    return amount > 0 ? [{ resource, amount }] : [];
  });
}

/**
 * Whether a resource may belong to a device plugin.
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources
 */
export function isExtendedResource(name: string): boolean {
  const [domain = '', own = '', ...rest] = name.split('/');
  return (
    rest.length === 0 &&
    name.length <= 317 &&
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(domain) &&
    /^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/.test(own) &&
    domain !== 'kubernetes.io' &&
    !domain.endsWith('.kubernetes.io') &&
    !domain.startsWith('requests.')
  );
}
