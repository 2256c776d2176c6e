import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../kubernetes/api/resource.ts';
import {
  parseConfigMap,
  parsePersistentVolume,
  parsePersistentVolumeClaim,
  parseSecret,
} from '../pods/parse-pod.ts';
import type { ConfigMap, Secret } from '../pods/schema/config-objects.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../pods/schema/persistent-volume.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { PodParser } from './pod-parser.ts';

const core = { apiVersion: 'v1', namespaced: true } as const;

const podParser = new PodParser();

export const pods: Resource<Pod> = {
  ...core,
  kind: 'Pod',
  plural: 'pods',
  parse: (value) => podParser.parse(value),
};

export const configMaps: Resource<ConfigMap> = {
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  parse: (value) => parseConfigMap(value),
};

export const secrets: Resource<Secret> = {
  ...core,
  kind: 'Secret',
  plural: 'secrets',
  parse: (value) => parseSecret(value),
};

export const serviceAccounts: Resource<KubernetesObject> = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  parse: parserOf('ServiceAccount'),
};

export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  ...core,
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  parse: (value) => parsePersistentVolumeClaim(value),
};

export const persistentVolumes: Resource<PersistentVolume> = {
  ...core,
  namespaced: false,
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  parse: (value) => parsePersistentVolume(value),
};

/** core/v1 Service, as far as its variables and connections to it need it. */
export interface Service extends KubernetesObject {
  readonly spec: {
    /** Empty or `None` for a Service without an address of its own. */
    readonly clusterIP?: string;
    /** One of each family, that one first. */
    readonly clusterIPs?: readonly string[];
    readonly sessionAffinity?: string;
    readonly sessionAffinityConfig?: {
      readonly clientIP?: { readonly timeoutSeconds?: number | null } | null;
    } | null;
    readonly internalTrafficPolicy?: string;
    readonly ports?: readonly ServicePort[];
  };
}

/** core/v1 ServicePort. */
export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
}

export const services: Resource<Service> = {
  ...core,
  kind: 'Service',
  plural: 'services',
  parse: parserOf('Service'),
};

/** node.k8s.io/v1 RuntimeClass. */
export interface RuntimeClass extends KubernetesObject {
  readonly handler: string;
}

export const runtimeClasses: Resource<RuntimeClass> = {
  apiVersion: 'node.k8s.io/v1',
  namespaced: false,
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  parse: parserOf('RuntimeClass'),
};
