import * as v from 'valibot';
import { container, ephemeralContainer, resourceRequirements } from './container.ts';
import { flag, integer, integerFrom, listOf, maybe, resourceList, stringMap } from './scalars.ts';
import { affinity, toleration, topologySpreadConstraint } from './scheduling.ts';
import { podSecurityContext } from './security.ts';
import { volume } from './volume.ts';

const dnsConfig = v.object({
  nameservers: listOf(v.string()),
  searches: listOf(v.string()),
  options: listOf(v.object({ name: maybe(v.string()), value: maybe(v.string()) })),
});

const resourceClaim = v.object({
  name: v.string(),
  resourceClaimName: maybe(v.string()),
  resourceClaimTemplateName: maybe(v.string()),
});

/** core/v1 PodSpec with every field of Kubernetes 1.37: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
export const podSpec = v.object({
  volumes: listOf(volume),
  initContainers: listOf(container),
  containers: v.pipe(v.array(container), v.minLength(1, 'must name at least one container')),
  ephemeralContainers: listOf(ephemeralContainer),
  restartPolicy: v.optional(v.picklist(['Always', 'OnFailure', 'Never']), 'Always'),
  terminationGracePeriodSeconds: v.optional(integer, 30),
  activeDeadlineSeconds: maybe(integerFrom(1)),
  dnsPolicy: v.optional(v.string(), 'ClusterFirst'),
  nodeSelector: v.optional(stringMap, {}),
  serviceAccountName: maybe(v.string()),
  serviceAccount: maybe(v.string()),
  automountServiceAccountToken: maybe(v.boolean()),
  nodeName: v.optional(v.string(), ''),
  hostNetwork: flag,
  hostPID: flag,
  hostIPC: flag,
  shareProcessNamespace: flag,
  securityContext: v.optional(podSecurityContext, {}),
  imagePullSecrets: listOf(v.object({ name: v.optional(v.string(), '') })),
  hostname: maybe(v.string()),
  subdomain: maybe(v.string()),
  affinity: maybe(affinity),
  schedulerName: maybe(v.string()),
  tolerations: listOf(toleration),
  hostAliases: listOf(v.object({ ip: v.string(), hostnames: listOf(v.string()) })),
  priorityClassName: maybe(v.string()),
  priority: maybe(integer),
  dnsConfig: maybe(dnsConfig),
  readinessGates: listOf(v.object({ conditionType: v.string() })),
  runtimeClassName: maybe(v.string()),
  enableServiceLinks: v.optional(v.boolean(), true),
  preemptionPolicy: maybe(v.string()),
  overhead: maybe(resourceList),
  topologySpreadConstraints: listOf(topologySpreadConstraint),
  setHostnameAsFQDN: maybe(v.boolean()),
  os: maybe(v.object({ name: v.string() })),
  hostUsers: maybe(v.boolean()),
  schedulingGates: listOf(v.object({ name: v.string() })),
  resourceClaims: listOf(resourceClaim),
  resources: maybe(resourceRequirements),
  hostnameOverride: maybe(v.string()),
  schedulingGroup: maybe(v.object({ podGroupName: maybe(v.string()) })),
  evictionResponders: listOf(v.object({ name: v.string(), priority: maybe(integer) })),
});
export type PodSpec = v.InferOutput<typeof podSpec>;
