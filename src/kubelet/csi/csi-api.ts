import {
  flag,
  integer,
  optional,
  repeated,
  text,
  textMap,
  texts,
} from '../../grpc/protobuf/fields.ts';
import { type MessageType, message } from '../../grpc/protobuf/message.ts';

/*
 * The part of the Container Storage Interface, v1, that kubelets speak.
 * https://github.com/container-storage-interface/spec/blob/master/spec.md
 */

const empty = message({});
const service = '/csi.v1.Node';

/** What a driver's node service can do, by the specification's numbers. */
export const nodeCapabilities = { stageUnstage: 1, singleNodeMultiWriter: 5 } as const;

/** `VolumeCapability.AccessMode.Mode`. */
export const accessModes = {
  singleNodeWriter: 1,
  multiNodeReaderOnly: 3,
  multiNodeMultiWriter: 5,
  singleNodeSingleWriter: 6,
  singleNodeMultiWriter: 7,
} as const;

const volumeCapability = message({
  mount: optional(2, message({ fsType: text(1), mountFlags: texts(2) })),
  accessMode: optional(3, message({ mode: integer(1) })),
});
export type VolumeCapability = MessageType<typeof volumeCapability>;

/** What drivers serve on nodes. */
export const csiNode = {
  getInfo: {
    path: `${service}/NodeGetInfo`,
    request: empty,
    response: message({
      nodeId: text(1),
      maxVolumes: integer(2),
      topology: optional(3, message({ segments: textMap(1) })),
    }),
  },
  getCapabilities: {
    path: `${service}/NodeGetCapabilities`,
    request: empty,
    response: message({
      capabilities: repeated(1, message({ rpc: optional(1, message({ type: integer(1) })) })),
    }),
  },
  stage: {
    path: `${service}/NodeStageVolume`,
    request: message({
      volumeId: text(1),
      publishContext: textMap(2),
      stagingTargetPath: text(3),
      capability: optional(4, volumeCapability),
      secrets: textMap(5),
      volumeContext: textMap(6),
    }),
    response: empty,
  },
  unstage: {
    path: `${service}/NodeUnstageVolume`,
    request: message({ volumeId: text(1), stagingTargetPath: text(2) }),
    response: empty,
  },
  publish: {
    path: `${service}/NodePublishVolume`,
    request: message({
      volumeId: text(1),
      publishContext: textMap(2),
      stagingTargetPath: text(3),
      targetPath: text(4),
      capability: optional(5, volumeCapability),
      readOnly: flag(6),
      secrets: textMap(7),
      volumeContext: textMap(8),
    }),
    response: empty,
  },
  unpublish: {
    path: `${service}/NodeUnpublishVolume`,
    request: message({ volumeId: text(1), targetPath: text(2) }),
    response: empty,
  },
} as const;
