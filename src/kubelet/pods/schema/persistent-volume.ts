import * as v from 'valibot';
import { objectMeta } from './metadata.ts';
import { anything, flag, listOf, maybe, stringMap } from './scalars.ts';
import { nodeSelectorTerm } from './scheduling.ts';
import { hostPathTypes } from './volume.ts';

const secretReference = v.object({
  name: v.optional(v.string(), ''),
  namespace: v.optional(v.string(), ''),
});

/** core/v1 PersistentVolumeClaim, as far as a node asks. */
export const persistentVolumeClaimSchema = v.object({
  apiVersion: v.optional(v.literal('v1'), 'v1'),
  kind: v.optional(v.literal('PersistentVolumeClaim'), 'PersistentVolumeClaim'),
  metadata: objectMeta,
  spec: v.object({
    volumeName: v.optional(v.string(), ''),
    volumeMode: v.optional(v.string(), 'Filesystem'),
  }),
  status: v.optional(v.object({ phase: v.optional(v.string(), '') }), {}),
});
export type PersistentVolumeClaim = v.InferOutput<typeof persistentVolumeClaimSchema>;

const csiSource = v.object({
  driver: v.string(),
  volumeHandle: v.string(),
  readOnly: flag,
  fsType: v.optional(v.string(), ''),
  volumeAttributes: v.optional(stringMap, {}),
  nodeStageSecretRef: maybe(secretReference),
  nodePublishSecretRef: maybe(secretReference),
});

/** core/v1 PersistentVolume, as far as a node asks; of its kinds, those that a node here can have. */
export const persistentVolumeSchema = v.object({
  apiVersion: v.optional(v.literal('v1'), 'v1'),
  kind: v.optional(v.literal('PersistentVolume'), 'PersistentVolume'),
  metadata: objectMeta,
  spec: v.object({
    accessModes: listOf(v.string()),
    volumeMode: v.optional(v.string(), 'Filesystem'),
    mountOptions: listOf(v.string()),
    claimRef: maybe(v.object({ uid: v.optional(v.string(), '') })),
    nodeAffinity: maybe(
      v.object({ required: maybe(v.object({ nodeSelectorTerms: v.array(nodeSelectorTerm) })) }),
    ),
    local: maybe(v.object({ path: v.string(), fsType: maybe(v.string()) })),
    hostPath: maybe(
      v.object({ path: v.string(), type: v.optional(v.picklist(hostPathTypes), '') }),
    ),
    csi: maybe(csiSource),
  }),
  status: v.optional(anything),
});
export type PersistentVolume = v.InferOutput<typeof persistentVolumeSchema>;
