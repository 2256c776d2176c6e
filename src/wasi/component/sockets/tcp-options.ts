import { borrow } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { bool, u8, u32, u64 } from '../abi/numbers.ts';
import { ok, result, unit } from '../abi/variants.ts';
import type { OptionDialect } from './option-dialect.ts';
import {
  hopLimitOption,
  mostProbes,
  readBufferSize,
  readDuration,
  readOption,
  writeBufferSize,
  writeDuration,
  writeOption,
  writePositive,
} from './socket-options.ts';

const largestHopLimit = 255;

/** What can be set of a TCP socket, in the words of a version of wasi:sockets. */
export function tcpOptions(dialect: OptionDialect): Readonly<Record<string, HostFunction>> {
  const { errorCode, get } = dialect;
  const socket = borrow(dialect.socket);
  const nothing = result(unit, errorCode);
  return {
    [`[method]tcp-socket.${get}keep-alive-enabled`]: hostFunction(
      [socket],
      result(bool, errorCode),
      (_guest, self) => {
        const enabled = readOption(self, 'keepAlive');
        return enabled.kind === 'ok' ? ok(enabled.value !== 0) : enabled;
      },
    ),
    '[method]tcp-socket.set-keep-alive-enabled': hostFunction(
      [socket, bool],
      nothing,
      (_guest, self, enabled) => writeOption(self, 'keepAlive', enabled ? 1 : 0),
    ),
    ...durationOption(dialect, 'keep-alive-idle-time', 'keepAliveIdle'),
    ...durationOption(dialect, 'keep-alive-interval', 'keepAliveInterval'),
    [`[method]tcp-socket.${get}keep-alive-count`]: hostFunction(
      [socket],
      result(u32, errorCode),
      (_guest, self) => readOption(self, 'keepAliveCount'),
    ),
    '[method]tcp-socket.set-keep-alive-count': hostFunction(
      [socket, u32],
      nothing,
      (_guest, self, count) => writePositive(self, 'keepAliveCount', count, mostProbes),
    ),
    [`[method]tcp-socket.${get}hop-limit`]: hostFunction(
      [socket],
      result(u8, errorCode),
      (_guest, self) => readOption(self, hopLimitOption(self)),
    ),
    '[method]tcp-socket.set-hop-limit': hostFunction([socket, u8], nothing, (_guest, self, limit) =>
      writePositive(self, hopLimitOption(self), limit, largestHopLimit),
    ),
    ...bufferOption(dialect, 'receive-buffer-size', 'receiveBuffer'),
    ...bufferOption(dialect, 'send-buffer-size', 'sendBuffer'),
  };
}

function durationOption(
  { errorCode, get, socket: type }: OptionDialect,
  name: string,
  option: 'keepAliveIdle' | 'keepAliveInterval',
) {
  const socket = borrow(type);
  return {
    [`[method]tcp-socket.${get}${name}`]: hostFunction(
      [socket],
      result(u64, errorCode),
      (_guest, self) => readDuration(self, option),
    ),
    [`[method]tcp-socket.set-${name}`]: hostFunction(
      [socket, u64],
      result(unit, errorCode),
      (_guest, self, duration) => writeDuration(self, option, duration),
    ),
  };
}

function bufferOption(
  { errorCode, get, socket: type }: OptionDialect,
  name: string,
  option: 'receiveBuffer' | 'sendBuffer',
) {
  const socket = borrow(type);
  return {
    [`[method]tcp-socket.${get}${name}`]: hostFunction(
      [socket],
      result(u64, errorCode),
      (_guest, self) => readBufferSize(self, option),
    ),
    [`[method]tcp-socket.set-${name}`]: hostFunction(
      [socket, u64],
      result(unit, errorCode),
      (_guest, self, size) => writeBufferSize(self, option, size),
    ),
  };
}
