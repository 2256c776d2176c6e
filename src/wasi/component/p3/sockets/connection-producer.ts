import type { Guest } from '../../abi/guest.ts';
import type { Producer } from '../../async/channel.ts';
import { Cancellation } from '../../io/cancellation.ts';
import type { TcpSocket as TcpSocket02 } from '../../sockets/tcp-socket.ts';
import { TcpSocket } from './tcp-socket.ts';

/** The connections that a listening socket accepts, which it goes on to do while they are wanted. */
export class ConnectionProducer implements Producer<TcpSocket> {
  readonly #guest: Guest;
  readonly #listener: TcpSocket02;
  readonly #cancellation = new Cancellation();
  #isOver = false;

  constructor(guest: Guest, listener: TcpSocket02) {
    this.#guest = guest;
    this.#listener = listener;
    listener.open.retain();
  }

  produce(): readonly TcpSocket[] | undefined | Promise<readonly TcpSocket[] | undefined> {
    if (this.#isOver) return undefined;
    const accepted = this.#listener.accept();
    if (accepted.kind === 'ok') {
      const [socket, ...connection] = accepted.value;
      return [new TcpSocket(socket, connection)];
    }
    if (accepted.error === 'would-block') return this.#produceLater();
    this.#end();
    return undefined;
  }

  cancel(): void {
    this.#cancellation.cancel(new Error('Nobody accepts any more'));
    this.#end();
  }

  async #produceLater(): Promise<readonly TcpSocket[] | undefined> {
    try {
      await this.#guest.world.waiter.wait([this.#listener.open.readable], this.#cancellation);
    } catch {
      this.#end();
    }
    return this.produce();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.open.release();
  }
}
