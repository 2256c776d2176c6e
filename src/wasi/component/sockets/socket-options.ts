import type { AddressFamily, SocketOption } from '../../system/network-sockets.ts';
import type { Codec } from '../abi/codec.ts';
import { bool, u8, u32, u64 } from '../abi/numbers.ts';
import { ok } from '../abi/variants.ts';
import { type Outcome, refuse, statusOutcome, valueOutcome } from './error-code.ts';
import type { OpenSocket } from './open-socket.ts';

/** What has options. */
export interface Subject {
  readonly open: OpenSocket;
  readonly family: AddressFamily;
}

/** An option as guests read and write it. */
export interface GuestOption<T> {
  readonly type: Codec<T>;
  read(subject: Subject): Outcome<T>;
  write(subject: Subject, value: T): Outcome<undefined>;
}

const nanosecondsPerSecond = 1_000_000_000n;

/** Largest values that Linux takes; what is larger is taken for these. */
const longestSeconds = 32_767;
const mostProbes = 127;
const largestHopLimit = 255;
const largestBuffer = 0x3fff_ffff;

export const keepAliveEnabled: GuestOption<boolean> = {
  type: bool,
  read: (subject) => {
    const enabled = readOption(subject, 'keepAlive');
    return enabled.kind === 'ok' ? ok(enabled.value !== 0) : enabled;
  },
  write: (subject, enabled) => writeOption(subject, 'keepAlive', enabled ? 1 : 0),
};

export const keepAliveIdleTime = duration('keepAliveIdle');

export const keepAliveInterval = duration('keepAliveInterval');

export const keepAliveCount: GuestOption<number> = {
  type: u32,
  read: (subject) => readOption(subject, 'keepAliveCount'),
  write: (subject, count) => writePositive(subject, 'keepAliveCount', count, mostProbes),
};

/** Of the family that the socket has. */
export const hopLimit: GuestOption<number> = {
  type: u8,
  read: (subject) => readOption(subject, hopLimitOption(subject)),
  write: (subject, limit) =>
    writePositive(subject, hopLimitOption(subject), limit, largestHopLimit),
};

export const receiveBufferSize = bufferSize('receiveBuffer');

export const sendBufferSize = bufferSize('sendBuffer');

/** Rounded up to what the system can say: a second at least. */
function duration(option: 'keepAliveIdle' | 'keepAliveInterval'): GuestOption<bigint> {
  return {
    type: u64,
    read: (subject) => {
      const seconds = readOption(subject, option);
      return seconds.kind === 'ok' ? ok(BigInt(seconds.value) * nanosecondsPerSecond) : seconds;
    },
    write: (subject, nanoseconds) => {
      const seconds = (nanoseconds + nanosecondsPerSecond - 1n) / nanosecondsPerSecond;
      return writePositive(subject, option, limited(seconds, longestSeconds), longestSeconds);
    },
  };
}

/** The kernel doubles what it is given, for its own needs, and tells the double. */
function bufferSize(option: 'receiveBuffer' | 'sendBuffer'): GuestOption<bigint> {
  return {
    type: u64,
    read: (subject) => {
      const size = readOption(subject, option);
      return size.kind === 'ok' ? ok(BigInt(size.value >>> 1)) : size;
    },
    write: (subject, size) =>
      writePositive(subject, option, limited(size, largestBuffer), largestBuffer),
  };
}

function readOption({ open }: Subject, option: SocketOption): Outcome<number> {
  return valueOutcome(open.network.sockets.option(open.handle, option));
}

function writeOption({ open }: Subject, option: SocketOption, value: number): Outcome<undefined> {
  return statusOutcome(open.network.sockets.setOption(open.handle, option, value));
}

/** As {@link writeOption}; zero is no value of these. */
function writePositive(
  subject: Subject,
  option: SocketOption,
  value: number,
  most: number,
): Outcome<undefined> {
  if (value === 0) return refuse('invalid-argument');
  return writeOption(subject, option, Math.min(value, most));
}

function hopLimitOption({ family }: Subject): SocketOption {
  return family === 'ipv4' ? 'hopLimit4' : 'hopLimit6';
}

function limited(value: bigint, most: number): number {
  return value < most ? Number(value) : most;
}
