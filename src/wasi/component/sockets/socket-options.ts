import type { AddressFamily, SocketOption } from '../../system/network-sockets.ts';
import { ok } from '../abi/variants.ts';
import { type Outcome, refuse, statusOutcome, valueOutcome } from './error-code.ts';
import type { OpenSocket } from './open-socket.ts';

/** What has options. */
export interface Subject {
  readonly open: OpenSocket;
  readonly family: AddressFamily;
}

const nanosecondsPerSecond = 1_000_000_000n;

/** Largest values that Linux takes; what is larger is taken for these. */
const longestSeconds = 32_767;
export const mostProbes = 127;
const largestBuffer = 0x3fff_ffff;

export function readOption({ open }: Subject, option: SocketOption): Outcome<number> {
  return valueOutcome(open.network.sockets.option(open.handle, option));
}

export function writeOption(
  { open }: Subject,
  option: SocketOption,
  value: number,
): Outcome<undefined> {
  return statusOutcome(open.network.sockets.setOption(open.handle, option, value));
}

/** Of the family that the socket has. */
export function hopLimitOption({ family }: Subject): SocketOption {
  return family === 'ipv4' ? 'hopLimit4' : 'hopLimit6';
}

/** As {@link writeOption}; zero is no value of these. */
export function writePositive(
  subject: Subject,
  option: SocketOption,
  value: number,
  most: number,
): Outcome<undefined> {
  if (value === 0) return refuse('invalid-argument');
  return writeOption(subject, option, Math.min(value, most));
}

export function readDuration(subject: Subject, option: SocketOption): Outcome<bigint> {
  const seconds = readOption(subject, option);
  return seconds.kind === 'ok' ? ok(BigInt(seconds.value) * nanosecondsPerSecond) : seconds;
}

/** Rounded up to what the system can say: a second at least. */
export function writeDuration(
  subject: Subject,
  option: SocketOption,
  duration: bigint,
): Outcome<undefined> {
  const seconds = (duration + nanosecondsPerSecond - 1n) / nanosecondsPerSecond;
  return writePositive(subject, option, limited(seconds, longestSeconds), longestSeconds);
}

/** The kernel doubles what it is given, for its own needs, and tells the double. */
export function readBufferSize(
  subject: Subject,
  option: 'receiveBuffer' | 'sendBuffer',
): Outcome<bigint> {
  const size = readOption(subject, option);
  return size.kind === 'ok' ? ok(BigInt(size.value >>> 1)) : size;
}

export function writeBufferSize(
  subject: Subject,
  option: 'receiveBuffer' | 'sendBuffer',
  size: bigint,
): Outcome<undefined> {
  return writePositive(subject, option, limited(size, largestBuffer), largestBuffer);
}

function limited(value: bigint, most: number): number {
  return value < most ? Number(value) : most;
}
