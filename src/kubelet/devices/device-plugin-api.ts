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
 * The part of the device plugin API, v1beta1, that kubelets speak.
 * https://github.com/kubernetes/kubelet/blob/master/pkg/apis/deviceplugin/v1beta1/api.proto
 */

/** The version that plugins give when they register. */
export const deviceApiVersion = 'v1beta1';

const empty = message({});

const options = message({ preStartRequired: flag(1), hasPreferredAllocation: flag(2) });
export type DevicePluginOptions = MessageType<typeof options>;

const registration = message({
  version: text(1),
  endpoint: text(2),
  resourceName: text(3),
  options: optional(4, options),
});
export type DeviceRegistration = MessageType<typeof registration>;

const device = message({ id: text(1), health: text(2) });
export type Device = MessageType<typeof device>;

/** The `health` of a device that can be given to a container. */
export const healthy = 'Healthy';

const mount = message({ containerPath: text(1), hostPath: text(2), readOnly: flag(3) });

const allocation = message({
  envs: textMap(1),
  mounts: repeated(2, mount),
  devices: repeated(3, message({ containerPath: text(1), hostPath: text(2) })),
  annotations: textMap(4),
  cdiDevices: repeated(5, message({ name: text(1) })),
});
/** What one container gets with its devices. */
export type DeviceAllocation = MessageType<typeof allocation>;

const containerDevices = message({ ids: texts(1) });

/** What the kubelet serves. */
export const registerMethod = {
  path: '/v1beta1.Registration/Register',
  request: registration,
  response: empty,
};

const service = '/v1beta1.DevicePlugin';

/** What plugins serve. */
export const devicePlugin = {
  getOptions: { path: `${service}/GetDevicePluginOptions`, request: empty, response: options },
  listAndWatch: {
    path: `${service}/ListAndWatch`,
    request: empty,
    response: message({ devices: repeated(1, device) }),
  },
  getPreferredAllocation: {
    path: `${service}/GetPreferredAllocation`,
    request: message({
      containers: repeated(
        1,
        message({ available: texts(1), mustInclude: texts(2), size: integer(3) }),
      ),
    }),
    response: message({ containers: repeated(1, containerDevices) }),
  },
  allocate: {
    path: `${service}/Allocate`,
    request: message({ containers: repeated(1, containerDevices) }),
    response: message({ containers: repeated(1, allocation) }),
  },
  preStartContainer: {
    path: `${service}/PreStartContainer`,
    request: containerDevices,
    response: empty,
  },
} as const;
