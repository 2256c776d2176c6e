import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export interface WebSocketChannelsInit {
  /** Messages are text: the channel's digit, then base64. @default false */
  readonly base64?: boolean;
  /** The peer may close a channel by sending 255 and its number (v5). @default false */
  readonly halfClose?: boolean;
  /** The channels that somebody reads here; what the peer sends for others is dropped. @default all */
  readonly incoming?: readonly number[];
}

const closeSignal = 255;

/**
 * The `channel.k8s.io` protocols: every message starts with the number of the channel that it
 * belongs to. Each channel is a Duplex; what a slow reader has not taken holds back the socket,
 * and with it all other channels.
 */
export class WebSocketChannels {
  readonly #socket: WebSocket;
  readonly #base64: boolean;
  readonly #channels: readonly Duplex[];
  /** The channels for which more may come. */
  readonly #incoming: Set<number>;
  /** The channels whose reader has not taken yet what came. */
  readonly #backlogged = new Set<number>();

  constructor(
    components: { readonly socket: WebSocket; readonly count: number },
    init: WebSocketChannelsInit = {},
  ) {
    this.#socket = components.socket;
    this.#base64 = init.base64 ?? false;
    this.#channels = Array.from({ length: components.count }, (_, number) => this.#open(number));
    this.#incoming = new Set(init.incoming ?? this.#channels.keys());
    this.#socket.on('message', (data, isBinary) => {
      this.#receive(toBuffer(data), isBinary, init.halfClose ?? false);
    });
    this.#socket.once('close', () => this.#ended());
    // A broken frame closes the socket, which is all that anyone here needs to know.
    this.#socket.on('error', () => this.#socket.terminate());
  }

  /** @throws {RangeError} where there is no such channel */
  channel(number: number): Duplex {
    const channel = this.#channels[number];
    if (channel === undefined) throw new RangeError(`open channel ${number}: no such channel`);
    return channel;
  }

  /** Sends a message without content, which tells the peer that the channel is ready. */
  announce(number: number): void {
    this.#send(number, Buffer.alloc(0), () => {});
  }

  /** Ends the connection after everything that was written. */
  close(): void {
    this.#socket.close(1000);
  }

  #open(number: number): Duplex {
    const channel = new Duplex({
      read: () => this.#taken(number),
      write: (chunk: Buffer, _encoding, done) => this.#send(number, chunk, done),
      destroy: (error, done) => {
        this.#incoming.delete(number);
        this.#taken(number);
        done(error);
      },
    });
    // Whoever uses the channel sees it close; an unused one must not end the process.
    channel.on('error', () => {});
    return channel;
  }

  #receive(message: Buffer, isBinary: boolean, halfClose: boolean): void {
    const [first, second] = message;
    if (first === undefined) return;
    if (halfClose && first === closeSignal) {
      if (second !== undefined && this.#incoming.delete(second)) this.channel(second).push(null);
      return;
    }
    const text = this.#base64 || !isBinary;
    const number = text ? first - 0x30 : first;
    const data = text ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    if (!this.#incoming.has(number) || data.length === 0 || this.channel(number).push(data)) return;
    this.#backlogged.add(number);
    this.#socket.pause();
  }

  /** A channel has room again. */
  #taken(number: number): void {
    this.#backlogged.delete(number);
    if (this.#backlogged.size === 0) this.#socket.resume();
  }

  #send(number: number, data: Buffer, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      done(new Error(`write to channel ${number}: connection closed`));
      return;
    }
    const message = this.#base64
      ? String.fromCharCode(0x30 + number) + data.toString('base64')
      : Buffer.concat([Buffer.from([number]), data]);
    this.#socket.send(message, (error) => done(error));
  }

  #ended(): void {
    for (const channel of this.#channels) channel.destroy();
  }
}

function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
