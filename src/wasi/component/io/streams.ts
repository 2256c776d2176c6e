import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { borrow, own } from '../abi/handles.ts';
import { type HostInterface, hostFunction, suspendingFunction } from '../abi/host-function.ts';
import { bytes } from '../abi/lists.ts';
import { u64 } from '../abi/numbers.ts';
import { done, ok, type Result, result, unit } from '../abi/variants.ts';
import { InputStream } from './input-stream.ts';
import { OutputStream } from './output-stream.ts';
import { Pollable } from './pollable.ts';
import type { Readiness } from './readiness.ts';
import { type StreamError, streamError } from './stream-error.ts';

/** What one read or splice moves at most, whatever the guest asks for. */
const largestRead = 1 << 16;
/** What the blocking writes take at most, by their contract. */
const largestBlockingWrite = 4096;

const input = borrow(() => InputStream);
const output = borrow(() => OutputStream);
const nothing = result(unit, streamError);
const amount = result(u64, streamError);

type Outcome<T> = Result<T, StreamError>;
type Eventually<T> = Outcome<T> | Promise<Outcome<T>>;

/** https://github.com/WebAssembly/wasi-io/blob/main/wit/streams.wit */
export const streams: HostInterface = {
  name: 'wasi:io/streams',
  resources: { 'input-stream': InputStream, 'output-stream': OutputStream },
  functions: {
    '[method]input-stream.read': hostFunction(
      [input, u64],
      result(bytes, streamError),
      (_g, self, length) => self.read(limited(length)),
    ),
    '[method]input-stream.blocking-read': suspendingFunction(
      [input, u64],
      result(bytes, streamError),
      (guest, self, length) => after(guest, self.readiness, () => self.read(limited(length))),
    ),
    '[method]input-stream.skip': hostFunction([input, u64], amount, (_g, self, length) =>
      skip(self, length),
    ),
    '[method]input-stream.blocking-skip': suspendingFunction(
      [input, u64],
      amount,
      (guest, self, length) => after(guest, self.readiness, () => skip(self, length)),
    ),
    '[method]input-stream.subscribe': hostFunction(
      [input],
      own(() => Pollable),
      (_g, self) => new Pollable(self.readiness, self),
    ),
    '[method]output-stream.check-write': hostFunction([output], amount, (_g, self) =>
      asAmount(self.checkWrite()),
    ),
    '[method]output-stream.write': hostFunction([output, bytes], nothing, (_g, self, contents) =>
      write(self, contents),
    ),
    '[method]output-stream.blocking-write-and-flush': suspendingFunction(
      [output, bytes],
      nothing,
      (guest, self, contents) => writeAndFlush(guest, self, contents),
    ),
    '[method]output-stream.flush': hostFunction([output], nothing, (_g, self) => self.flush()),
    '[method]output-stream.blocking-flush': suspendingFunction([output], nothing, (guest, self) =>
      flush(guest, self),
    ),
    '[method]output-stream.subscribe': hostFunction(
      [output],
      own(() => Pollable),
      (_g, self) => new Pollable(self.readiness, self),
    ),
    '[method]output-stream.write-zeroes': hostFunction([output, u64], nothing, (_g, self, length) =>
      write(self, zeroes(length)),
    ),
    '[method]output-stream.blocking-write-zeroes-and-flush': suspendingFunction(
      [output, u64],
      nothing,
      (guest, self, length) => writeAndFlush(guest, self, zeroes(length)),
    ),
    '[method]output-stream.splice': hostFunction(
      [output, input, u64],
      amount,
      (_g, self, from, length) => splice(self, from, length),
    ),
    '[method]output-stream.blocking-splice': suspendingFunction(
      [output, input, u64],
      amount,
      (guest, self, from, length) =>
        after(guest, self.readiness, () =>
          after(guest, from.readiness, () => splice(self, from, length)),
        ),
    ),
  },
};

function limited(length: bigint): number {
  return length < largestRead ? Number(length) : largestRead;
}

function asAmount(outcome: Outcome<number>): Outcome<bigint> {
  return outcome.kind === 'ok' ? ok(BigInt(outcome.value)) : outcome;
}

/** Does `act` as soon as `readiness` is ready. */
function after<T>(guest: Guest, readiness: Readiness, act: () => Eventually<T>): Eventually<T> {
  if (readiness.ready()) return act();
  const waiting = guest.wait([readiness]);
  return waiting === undefined ? act() : waiting.then(act);
}

function skip(from: InputStream, length: bigint): Outcome<bigint> {
  const read = from.read(limited(length));
  return read.kind === 'ok' ? ok(BigInt(read.value.length)) : read;
}

function zeroes(length: bigint): Uint8Array {
  if (length > largestRead) throw new GuestTrap(`Cannot write ${length} zeroes: not permitted`);
  return new Uint8Array(Number(length));
}

/** Writing more than check-write permits is a trap, as the interface says. */
function write(to: OutputStream, contents: Uint8Array): Outcome<undefined> {
  const permit = to.checkWrite();
  if (permit.kind === 'error') return permit;
  if (contents.length > permit.value) {
    throw new GuestTrap(`Cannot write ${contents.length} bytes: ${permit.value} are permitted`);
  }
  return to.write(contents);
}

function writeAndFlush(
  guest: Guest,
  to: OutputStream,
  contents: Uint8Array,
): Eventually<undefined> {
  if (contents.length > largestBlockingWrite) {
    throw new GuestTrap(
      `Cannot write ${contents.length} bytes: ${largestBlockingWrite} are the most`,
    );
  }
  const permit = to.checkWrite();
  if (permit.kind === 'error') return permit;
  if (contents.length <= permit.value) {
    const written = to.write(contents);
    return written.kind === 'error' ? written : flush(guest, to);
  }
  // The guest's memory may change while it is suspended: what is written later is copied now.
  const rest = Uint8Array.from(contents);
  return after(guest, to.readiness, () => writePieces(guest, to, rest));
}

function writePieces(guest: Guest, to: OutputStream, rest: Uint8Array): Eventually<undefined> {
  const permit = to.checkWrite();
  if (permit.kind === 'error') return permit;
  const written = to.write(rest.subarray(0, permit.value));
  if (written.kind === 'error') return written;
  if (rest.length <= permit.value) return flush(guest, to);
  const left = rest.subarray(permit.value);
  return after(guest, to.readiness, () => writePieces(guest, to, left));
}

function flush(guest: Guest, stream: OutputStream): Eventually<undefined> {
  const asked = stream.flush();
  if (asked.kind === 'error') return asked;
  return after(guest, stream.flushed, () => {
    const permit = stream.checkWrite();
    return permit.kind === 'error' ? permit : done;
  });
}

function splice(to: OutputStream, from: InputStream, length: bigint): Outcome<bigint> {
  const permit = to.checkWrite();
  if (permit.kind === 'error') return permit;
  const read = from.read(Math.min(limited(length), permit.value));
  if (read.kind === 'error') return read;
  const written = to.write(read.value);
  return written.kind === 'error' ? written : ok(BigInt(read.value.length));
}
