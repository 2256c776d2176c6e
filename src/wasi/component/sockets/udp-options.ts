import type { HostFunction } from '../abi/host-function.ts';
import { type OptionDialect, optionFunctions } from './option-functions.ts';
import { hopLimit, receiveBufferSize, sendBufferSize } from './socket-options.ts';

/** What can be set of a UDP socket, in the words of a version of wasi:sockets. */
export function udpOptions(dialect: OptionDialect): Readonly<Record<string, HostFunction>> {
  return optionFunctions(dialect, 'udp-socket', {
    'unicast-hop-limit': hopLimit,
    'receive-buffer-size': receiveBufferSize,
    'send-buffer-size': sendBufferSize,
  });
}
