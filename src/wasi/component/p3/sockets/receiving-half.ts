import type { Result } from '../../abi/variants.ts';
import { InputStream } from '../../io/input-stream.ts';
import type { Readiness } from '../../io/readiness.ts';
import type { StreamError } from '../../io/stream-error.ts';
import type { TcpSocket } from '../../sockets/tcp-socket.ts';

/** What a connection brings; to drop it is to say that nothing more is wanted. */
export class ReceivingHalf extends InputStream {
  readonly #socket: TcpSocket;
  readonly #input: InputStream;

  constructor(socket: TcpSocket, input: InputStream) {
    super();
    this.#socket = socket;
    this.#input = input;
  }

  get readiness(): Readiness {
    return this.#input.readiness;
  }

  read(length: number): Result<Uint8Array, StreamError> {
    return this.#input.read(length);
  }

  override drop(): void {
    this.#socket.shutdown('receive');
    this.#input.drop();
  }
}
