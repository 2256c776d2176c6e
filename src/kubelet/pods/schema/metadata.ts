import * as v from 'valibot';
import { anything, integer, listOf, maybe, stringMap, time } from './scalars.ts';

const ownerReference = v.object({
  apiVersion: v.string(),
  kind: v.string(),
  name: v.string(),
  uid: v.string(),
  controller: maybe(v.boolean()),
  blockOwnerDeletion: maybe(v.boolean()),
});

/** meta/v1 ObjectMeta: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export const objectMeta = v.object({
  name: v.pipe(v.string(), v.nonEmpty('must not be empty')),
  generateName: maybe(v.string()),
  namespace: v.optional(v.string(), 'default'),
  selfLink: maybe(v.string()),
  uid: v.optional(v.string(), ''),
  resourceVersion: maybe(v.string()),
  generation: maybe(integer),
  creationTimestamp: maybe(time),
  deletionTimestamp: maybe(time),
  deletionGracePeriodSeconds: maybe(integer),
  labels: v.optional(stringMap, {}),
  annotations: v.optional(stringMap, {}),
  ownerReferences: listOf(ownerReference),
  finalizers: listOf(v.string()),
  managedFields: maybe(v.array(anything)),
});

export type ObjectMeta = v.InferOutput<typeof objectMeta>;

const labelSelectorRequirement = v.object({
  key: v.string(),
  operator: v.string(),
  values: listOf(v.string()),
});

/** meta/v1 LabelSelector. */
export const labelSelector = v.object({
  matchLabels: maybe(stringMap),
  matchExpressions: listOf(labelSelectorRequirement),
});
