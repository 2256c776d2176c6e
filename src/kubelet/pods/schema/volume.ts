import * as v from 'valibot';
import { fieldSelectors } from './environment.ts';
import { labelSelector } from './metadata.ts';
import {
  anything,
  fileMode,
  flag,
  integer,
  integerFrom,
  listOf,
  maybe,
  quantity,
  stringMap,
} from './scalars.ts';

const keyToPath = v.object({
  key: v.string(),
  path: v.string(),
  mode: maybe(fileMode),
  user: maybe(integer),
});
export type KeyToPath = v.InferOutput<typeof keyToPath>;

const defaultMode = v.optional(fileMode, 0o644);

const downwardApiFile = v.object({
  path: v.string(),
  ...fieldSelectors,
  mode: maybe(fileMode),
  user: maybe(integer),
});

const secretSource = v.object({
  secretName: v.string(),
  items: listOf(keyToPath),
  defaultMode,
  optional: flag,
  defaultUser: maybe(integer),
});

const configMapSource = v.object({
  name: v.string(),
  items: listOf(keyToPath),
  defaultMode,
  optional: flag,
  defaultUser: maybe(integer),
});

const downwardApiSource = v.object({
  items: listOf(downwardApiFile),
  defaultMode,
  defaultUser: maybe(integer),
});

/** One source of a projected volume. */
const volumeProjection = v.object({
  secret: maybe(v.object({ name: v.string(), items: listOf(keyToPath), optional: flag })),
  configMap: maybe(v.object({ name: v.string(), items: listOf(keyToPath), optional: flag })),
  downwardAPI: maybe(v.object({ items: listOf(downwardApiFile) })),
  serviceAccountToken: maybe(
    v.object({
      audience: v.optional(v.string(), ''),
      expirationSeconds: v.optional(integerFrom(600), 3600),
      path: v.string(),
      user: maybe(integer),
    }),
  ),
  clusterTrustBundle: maybe(
    v.object({
      name: maybe(v.string()),
      signerName: maybe(v.string()),
      labelSelector: maybe(labelSelector),
      optional: flag,
      path: v.string(),
      user: maybe(integer),
    }),
  ),
  podCertificate: maybe(v.record(v.string(), anything)),
});
export type VolumeProjection = v.InferOutput<typeof volumeProjection>;

const projectedSource = v.object({
  sources: listOf(volumeProjection),
  defaultMode,
  defaultUser: maybe(integer),
});

/** The `type`s of a hostPath volume; empty checks nothing. */
export const hostPathTypes = [
  '',
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
] as const;

/** Kinds of volumes that need a driver outside this node's reach; known, so that they are named. */
const foreignVolume = v.record(v.string(), anything);

/** core/v1 Volume: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/ */
export const volume = v.object({
  name: v.string(),
  configMap: maybe(configMapSource),
  secret: maybe(secretSource),
  projected: maybe(projectedSource),
  downwardAPI: maybe(downwardApiSource),
  emptyDir: maybe(
    v.object({
      medium: v.optional(v.string(), ''),
      sizeLimit: maybe(quantity),
      mode: maybe(integer),
    }),
  ),
  hostPath: maybe(v.object({ path: v.string(), type: v.optional(v.picklist(hostPathTypes), '') })),
  image: maybe(
    v.object({
      reference: v.optional(v.string(), ''),
      pullPolicy: maybe(v.picklist(['Always', 'IfNotPresent', 'Never'])),
    }),
  ),
  persistentVolumeClaim: maybe(v.object({ claimName: v.string(), readOnly: flag })),
  ephemeral: maybe(v.object({ volumeClaimTemplate: maybe(foreignVolume) })),
  csi: maybe(
    v.object({
      driver: v.string(),
      readOnly: flag,
      fsType: maybe(v.string()),
      volumeAttributes: maybe(stringMap),
      nodePublishSecretRef: maybe(v.object({ name: v.optional(v.string(), '') })),
    }),
  ),
  awsElasticBlockStore: maybe(foreignVolume),
  azureDisk: maybe(foreignVolume),
  azureFile: maybe(foreignVolume),
  cephfs: maybe(foreignVolume),
  cinder: maybe(foreignVolume),
  fc: maybe(foreignVolume),
  flexVolume: maybe(foreignVolume),
  flocker: maybe(foreignVolume),
  gcePersistentDisk: maybe(foreignVolume),
  gitRepo: maybe(foreignVolume),
  glusterfs: maybe(foreignVolume),
  iscsi: maybe(foreignVolume),
  nfs: maybe(foreignVolume),
  photonPersistentDisk: maybe(foreignVolume),
  portworxVolume: maybe(foreignVolume),
  quobyte: maybe(foreignVolume),
  rbd: maybe(foreignVolume),
  scaleIO: maybe(foreignVolume),
  storageos: maybe(foreignVolume),
  vsphereVolume: maybe(foreignVolume),
});
export type PodVolume = v.InferOutput<typeof volume>;

type Source<Kind extends keyof PodVolume> = NonNullable<PodVolume[Kind]>;
export type ProjectedSource = Source<'projected'>;
export type DownwardApiSource = Source<'downwardAPI'>;
export type EmptyDirSource = Source<'emptyDir'>;
export type HostPathSource = Source<'hostPath'>;
export type ImageSource = Source<'image'>;
