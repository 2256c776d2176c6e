import type { Guest } from '../abi/guest.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import { done, error, type Result } from '../abi/variants.ts';
import { Cancellation } from '../io/cancellation.ts';
import type { InputStream } from '../io/input-stream.ts';
import type { OutputStream } from '../io/output-stream.ts';
import type { StreamError } from '../io/stream-error.ts';
import { Channel, type Producer } from './channel.ts';
import { futureOf } from './host-channel.ts';
import { stopReading, takeItems } from './host-reader.ts';

/** What one read moves at most, whatever room there is. */
const largestRead = 1 << 16;

/** Bytes, and how they ended: what WASI 0.3 has for an input stream. */
export type BytesAndEnd<E> = readonly [bytes: Channel<number>, end: Channel<Result<undefined, E>>];

/**
 * An input stream as WASI 0.3 has it.
 *
 * @param codeOf the error code for the cause of a stream's failure
 */
export function bytesFrom<E>(
  guest: Guest,
  input: InputStream,
  codeOf: (cause: unknown) => E,
): BytesAndEnd<E> {
  const { bytes, ended } = readBytes(guest, input, codeOf);
  return [bytes, futureOf(ended)];
}

/** As {@link bytesFrom}, for a host that wants to know of the end itself. */
export function readBytes<E>(
  guest: Guest,
  input: InputStream,
  codeOf: (cause: unknown) => E,
): { readonly bytes: Channel<number>; readonly ended: Promise<Result<undefined, E>> } {
  const { promise, resolve } = Promise.withResolvers<Result<undefined, E>>();
  const producer = new InputProducer(guest, input, (failure) =>
    resolve(failure === undefined ? done : error(codeOf(failure))),
  );
  return { bytes: new Channel(producer), ended: promise };
}

/**
 * Writes a stream of bytes to an output stream, until either ends or the call is cancelled; drops
 * both.
 *
 * @param codeOf the error code for the cause of a stream's failure
 * @returns how it ended; does not reject: where the guest writes what are no bytes of its own, its
 *   call is ended as by a trap
 */
export async function writeBytes<E>(
  guest: Guest,
  bytes: Channel<number>,
  output: OutputStream,
  codeOf: (cause: unknown) => E,
): Promise<Result<undefined, E>> {
  const { cancellation } = guest; // that of this call, which may be over by then
  const forget = cancellation.onCancel(() => stopReading(bytes));
  try {
    const failure = await pump(guest, bytes, output, cancellation);
    return failure === undefined ? done : error(codeOf(causeOf(failure)));
  } catch (cause) {
    cancellation.cancel(uncatchable(cause));
    return error(codeOf(cause));
  } finally {
    forget();
    bytes.dropReader();
    output.drop();
  }
}

async function pump(
  guest: Guest,
  bytes: Channel<number>,
  output: OutputStream,
  cancellation: Cancellation,
): Promise<StreamError | undefined> {
  for (;;) {
    cancellation.throwIfCancelled();
    await guest.world.waiter.wait([output.readiness], cancellation);
    const permit = output.checkWrite();
    if (permit.kind === 'error') return permit.error;
    if (permit.value === 0) continue;
    const items = await takeItems(bytes, permit.value);
    if (items === undefined) cancellation.throwIfCancelled(); // no end of the stream's own
    const written = items === undefined ? output.flush() : output.write(Uint8Array.from(items));
    if (written.kind === 'error') return written.error;
    if (items !== undefined) continue;
    await guest.world.waiter.wait([output.flushed], cancellation);
    return undefined;
  }
}

function causeOf(failure: StreamError): unknown {
  return failure.kind === 'closed' ? undefined : failure.value.cause;
}

class InputProducer implements Producer<number> {
  readonly #guest: Guest;
  readonly #input: InputStream;
  readonly #onEnd: (failure: unknown) => void;
  readonly #cancellation = new Cancellation();
  #isOver = false;

  constructor(guest: Guest, input: InputStream, onEnd: (failure: unknown) => void) {
    this.#guest = guest;
    this.#input = input;
    this.#onEnd = onEnd;
  }

  produce(most: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    // Who reads nothing wants to know when there is something: one byte is kept for the next read.
    const read = this.#input.read(Math.min(Math.max(most, 1), largestRead));
    if (read.kind === 'error') {
      this.#end(causeOf(read.error));
      return undefined;
    }
    return read.value.length > 0 ? Uint8Array.from(read.value) : this.#produceLater(most);
  }

  cancel(): void {
    this.#cancellation.cancel(new Error('Nobody reads any more'));
    this.#end(undefined);
  }

  async #produceLater(most: number): Promise<Uint8Array | undefined> {
    try {
      await this.#guest.world.waiter.wait([this.#input.readiness], this.#cancellation);
    } catch (cause) {
      this.#end(cause);
    }
    return this.produce(most);
  }

  #end(failure: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input.drop();
    this.#onEnd(failure);
  }
}
