import type { KubernetesObject } from '../api/object.ts';
import { parserOf, type Resource } from '../api/resource.ts';

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubernetesObject {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** With microseconds, as `microTime` writes it. */
    readonly renewTime?: string;
  };
}

export const leases: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  parse: parserOf('Lease'),
};

/** A time as the type MicroTime demands it: with six digits after the second. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
