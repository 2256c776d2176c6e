import { borrow } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { u8, u64 } from '../abi/numbers.ts';
import { result, unit } from '../abi/variants.ts';
import type { OptionDialect } from './option-dialect.ts';
import {
  hopLimitOption,
  readBufferSize,
  readOption,
  writeBufferSize,
  writePositive,
} from './socket-options.ts';

const largestHopLimit = 255;

/** What can be set of a UDP socket, in the words of a version of wasi:sockets. */
export function udpOptions(dialect: OptionDialect): Readonly<Record<string, HostFunction>> {
  const { errorCode, get } = dialect;
  const socket = borrow(dialect.socket);
  const nothing = result(unit, errorCode);
  return {
    [`[method]udp-socket.${get}unicast-hop-limit`]: hostFunction(
      [socket],
      result(u8, errorCode),
      (_guest, self) => readOption(self, hopLimitOption(self)),
    ),
    '[method]udp-socket.set-unicast-hop-limit': hostFunction(
      [socket, u8],
      nothing,
      (_guest, self, limit) => writePositive(self, hopLimitOption(self), limit, largestHopLimit),
    ),
    ...bufferOption(dialect, 'receive-buffer-size', 'receiveBuffer'),
    ...bufferOption(dialect, 'send-buffer-size', 'sendBuffer'),
  };
}

function bufferOption(
  { errorCode, get, socket: type }: OptionDialect,
  name: string,
  which: 'receiveBuffer' | 'sendBuffer',
) {
  const socket = borrow(type);
  return {
    [`[method]udp-socket.${get}${name}`]: hostFunction(
      [socket],
      result(u64, errorCode),
      (_guest, self) => readBufferSize(self, which),
    ),
    [`[method]udp-socket.set-${name}`]: hostFunction(
      [socket, u64],
      result(unit, errorCode),
      (_guest, self, size) => writeBufferSize(self, which, size),
    ),
  };
}
