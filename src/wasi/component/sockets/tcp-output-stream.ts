import { errno } from '../../errno.ts';
import { shutdownFlag } from '../../system/sockets.ts';
import { done, error, ok, type Result } from '../abi/variants.ts';
import { OutputStream } from '../io/output-stream.ts';
import type { Readiness } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';
import { TransferBuffer } from '../io/transfer-buffer.ts';
import { errorCodeOf, SocketFailure } from './error-code.ts';
import type { OpenSocket } from './open-socket.ts';

/** What one write takes. */
const permitted = 65_536;
const nothing = Buffer.alloc(0);

/** What is sent over a connection. Of one write, what the kernel does not take at once is kept. */
export class TcpOutputStream extends OutputStream {
  readonly #socket: OpenSocket;
  #buffer: TransferBuffer | undefined;
  #kept: Uint8Array = nothing;
  #ended = false;
  #failure: StreamError | undefined;

  readonly readiness: Readiness = {
    ready: () => this.#isOver || (this.#sendKept() && this.#socket.writable.ready()),
    source: () => this.#socket.writable.source(),
  };

  readonly flushed: Readiness = {
    ready: () => this.#sendKept(),
    source: () => this.#socket.writable.source(),
  };

  constructor(socket: OpenSocket) {
    super();
    this.#socket = socket.retain();
  }

  checkWrite(): Result<number, StreamError> {
    const isFree = this.#sendKept();
    if (this.#isOver) return error(this.#takeFailure());
    return ok(isFree && this.#socket.writable.ready() ? permitted : 0);
  }

  write(contents: Uint8Array): Result<undefined, StreamError> {
    if (this.#isOver) return error(this.#takeFailure());
    const rest = this.#send(contents);
    this.#kept = Uint8Array.from(rest);
    return this.#failure === undefined ? done : error(this.#takeFailure());
  }

  flush(): Result<undefined, StreamError> {
    return this.#isOver ? error(this.#takeFailure()) : done;
  }

  /** Nothing is written any more: tells the other side, once it has what was. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#kept.length === 0) this.#tellEnd();
  }

  override drop(): void {
    this.#sendKept();
    this.end();
    this.#socket.release();
  }

  get #isOver(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  /** A stream tells of a failure once, and is closed from then on. */
  #takeFailure(): StreamError {
    const failure = this.#failure ?? closed;
    this.#failure = closed;
    return failure;
  }

  /** Whether nothing is left to send, for whatever reason. */
  #sendKept(): boolean {
    if (this.#kept.length === 0) return true;
    this.#kept = this.#send(this.#kept);
    if (this.#kept.length > 0) return false;
    if (this.#ended) this.#tellEnd();
    return true;
  }

  /** @returns what the kernel did not take; nothing after a failure */
  #send(contents: Uint8Array): Uint8Array {
    const { system, handle } = this.#socket;
    this.#buffer ??= new TransferBuffer();
    for (let rest = contents; rest.length > 0; ) {
      const sent = this.#buffer.send(system, handle, rest);
      if (sent === -errno.again) return rest;
      if (sent < 0) {
        this.#failure = failureOf(-sent);
        return nothing;
      }
      rest = rest.subarray(sent);
    }
    return nothing;
  }

  #tellEnd(): void {
    this.#socket.system.sockets.shutdown(this.#socket.handle, shutdownFlag.write);
  }
}

function failureOf(status: number): StreamError {
  return status === errno.pipe ? closed : failed(new SocketFailure(errorCodeOf(status)));
}
