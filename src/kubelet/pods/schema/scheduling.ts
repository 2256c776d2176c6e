import * as v from 'valibot';
import { labelSelector } from './metadata.ts';
import { integer, listOf, maybe } from './scalars.ts';

const nodeSelectorRequirement = v.object({
  key: v.string(),
  operator: v.string(),
  values: listOf(v.string()),
});

/** core/v1 NodeSelectorTerm. */
export const nodeSelectorTerm = v.object({
  matchExpressions: listOf(nodeSelectorRequirement),
  matchFields: listOf(nodeSelectorRequirement),
});
export type NodeSelectorTerm = v.InferOutput<typeof nodeSelectorTerm>;

const podAffinityTerm = v.object({
  labelSelector: maybe(labelSelector),
  namespaces: listOf(v.string()),
  topologyKey: v.string(),
  namespaceSelector: maybe(labelSelector),
  matchLabelKeys: listOf(v.string()),
  mismatchLabelKeys: listOf(v.string()),
});

const podAffinity = v.object({
  requiredDuringSchedulingIgnoredDuringExecution: listOf(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    v.object({ weight: integer, podAffinityTerm }),
  ),
});

/** core/v1 Affinity; the node checks `nodeAffinity.required…` once more at admission. */
export const affinity = v.object({
  nodeAffinity: maybe(
    v.object({
      requiredDuringSchedulingIgnoredDuringExecution: maybe(
        v.object({ nodeSelectorTerms: v.array(nodeSelectorTerm) }),
      ),
      preferredDuringSchedulingIgnoredDuringExecution: listOf(
        v.object({ weight: integer, preference: nodeSelectorTerm }),
      ),
    }),
  ),
  podAffinity: maybe(podAffinity),
  podAntiAffinity: maybe(podAffinity),
});

/** core/v1 Toleration. */
export const toleration = v.object({
  key: maybe(v.string()),
  operator: v.optional(v.string(), 'Equal'),
  value: v.optional(v.string(), ''),
  effect: maybe(v.string()),
  tolerationSeconds: maybe(integer),
});
export type Toleration = v.InferOutput<typeof toleration>;

/** core/v1 TopologySpreadConstraint. */
export const topologySpreadConstraint = v.object({
  maxSkew: integer,
  topologyKey: v.string(),
  whenUnsatisfiable: v.string(),
  labelSelector: maybe(labelSelector),
  minDomains: maybe(integer),
  nodeAffinityPolicy: maybe(v.string()),
  nodeTaintsPolicy: maybe(v.string()),
  matchLabelKeys: listOf(v.string()),
});
