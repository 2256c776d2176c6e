import { errno } from '../../errno.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import type { Readiness } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';
import { TransferBuffer } from '../io/transfer-buffer.ts';
import { errorCodeOf, SocketFailure } from './error-code.ts';
import type { OpenSocket } from './open-socket.ts';

/** What a connection brings. */
export class TcpInputStream extends InputStream {
  readonly #socket: OpenSocket;
  #buffer: TransferBuffer | undefined;
  #ended = false;

  readonly readiness: Readiness = {
    ready: () => this.#ended || this.#socket.readable.ready(),
    source: () => this.#socket.readable.source(),
  };

  constructor(socket: OpenSocket) {
    super();
    this.#socket = socket.retain();
  }

  read(length: number): Result<Uint8Array, StreamError> {
    if (this.#ended) return error(closed);
    if (length === 0) return ok(Buffer.alloc(0));
    this.#buffer ??= new TransferBuffer();
    const taken = this.#buffer.read(this.#socket.system, this.#socket.handle, length);
    if (typeof taken !== 'number' && taken.length > 0) return ok(taken);
    if (taken === -errno.again) return ok(Buffer.alloc(0));
    this.#ended = true;
    if (typeof taken !== 'number') return error(closed);
    return error(failed(new SocketFailure(errorCodeOf(-taken))));
  }

  /** Nothing is read any more. */
  end(): void {
    this.#ended = true;
  }

  override drop(): void {
    this.#socket.release();
  }
}
