import { flag, text, texts } from '../../grpc/protobuf/fields.ts';
import { type MessageType, message } from '../../grpc/protobuf/message.ts';

/*
 * How plugins register, v1.
 * https://github.com/kubernetes/kubelet/blob/master/pkg/apis/pluginregistration/v1/api.proto
 */

const pluginInfo = message({
  type: text(1),
  name: text(2),
  endpoint: text(3),
  supportedVersions: texts(4),
});
export type PluginInfo = MessageType<typeof pluginInfo>;

const empty = message({});

/** What plugins serve at the sockets that they register with. */
export const registration = {
  getInfo: {
    path: '/pluginregistration.Registration/GetInfo',
    request: empty,
    response: pluginInfo,
  },
  notifyStatus: {
    path: '/pluginregistration.Registration/NotifyRegistrationStatus',
    request: message({ pluginRegistered: flag(1), error: text(2) }),
    response: empty,
  },
} as const;
