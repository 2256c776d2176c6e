import type { HostFunction } from '../abi/host-function.ts';
import { type OptionDialect, optionFunctions } from './option-functions.ts';
import {
  hopLimit,
  keepAliveCount,
  keepAliveEnabled,
  keepAliveIdleTime,
  keepAliveInterval,
  receiveBufferSize,
  sendBufferSize,
} from './socket-options.ts';

/** What can be set of a TCP socket, in the words of a version of wasi:sockets. */
export function tcpOptions(dialect: OptionDialect): Readonly<Record<string, HostFunction>> {
  return optionFunctions(dialect, 'tcp-socket', {
    'keep-alive-enabled': keepAliveEnabled,
    'keep-alive-idle-time': keepAliveIdleTime,
    'keep-alive-interval': keepAliveInterval,
    'keep-alive-count': keepAliveCount,
    'hop-limit': hopLimit,
    'receive-buffer-size': receiveBufferSize,
    'send-buffer-size': sendBufferSize,
  });
}
