import { borrow } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { bool, u8, u32, u64 } from '../abi/numbers.ts';
import { ok, result, unit } from '../abi/variants.ts';
import { errorCode } from './error-code.ts';
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
import { TcpSocket } from './tcp-socket.ts';

const socket = borrow(() => TcpSocket);
const nothing = result(unit, errorCode);
const largestHopLimit = 255;

/** What can be set of a TCP socket. */
export const tcpOptions: Readonly<Record<string, HostFunction>> = {
  '[method]tcp-socket.keep-alive-enabled': hostFunction(
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
  ...durationOption('keep-alive-idle-time', 'keepAliveIdle'),
  ...durationOption('keep-alive-interval', 'keepAliveInterval'),
  '[method]tcp-socket.keep-alive-count': hostFunction(
    [socket],
    result(u32, errorCode),
    (_guest, self) => readOption(self, 'keepAliveCount'),
  ),
  '[method]tcp-socket.set-keep-alive-count': hostFunction(
    [socket, u32],
    nothing,
    (_guest, self, count) => writePositive(self, 'keepAliveCount', count, mostProbes),
  ),
  '[method]tcp-socket.hop-limit': hostFunction([socket], result(u8, errorCode), (_guest, self) =>
    readOption(self, hopLimitOption(self)),
  ),
  '[method]tcp-socket.set-hop-limit': hostFunction([socket, u8], nothing, (_guest, self, limit) =>
    writePositive(self, hopLimitOption(self), limit, largestHopLimit),
  ),
  ...bufferOption('receive-buffer-size', 'receiveBuffer'),
  ...bufferOption('send-buffer-size', 'sendBuffer'),
};

function durationOption(name: string, option: 'keepAliveIdle' | 'keepAliveInterval') {
  return {
    [`[method]tcp-socket.${name}`]: hostFunction([socket], result(u64, errorCode), (_guest, self) =>
      readDuration(self, option),
    ),
    [`[method]tcp-socket.set-${name}`]: hostFunction(
      [socket, u64],
      nothing,
      (_guest, self, duration) => writeDuration(self, option, duration),
    ),
  };
}

function bufferOption(name: string, option: 'receiveBuffer' | 'sendBuffer') {
  return {
    [`[method]tcp-socket.${name}`]: hostFunction([socket], result(u64, errorCode), (_guest, self) =>
      readBufferSize(self, option),
    ),
    [`[method]tcp-socket.set-${name}`]: hostFunction([socket, u64], nothing, (_guest, self, size) =>
      writeBufferSize(self, option, size),
    ),
  };
}
