import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export interface WebSocketChannelsInit {
  /** Messages are text: the channel's digit, then base64. @default false */
  readonly base64?: boolean;
  /** The peer may close a channel by sending 255 and its number (v5). @default false */
  readonly halfClose?: boolean;
}

const closeSignal = 255;

/**
 * The `channel.k8s.io` protocols: every message starts with the number of the channel that it
 * belongs to. Each channel is a Duplex; what a slow reader has not taken holds back the socket.
 */
export class WebSocketChannels {
  readonly #socket: WebSocket;
  readonly #base64: boolean;
  readonly #channels: readonly Duplex[];

  constructor(
    components: { readonly socket: WebSocket; readonly count: number },
    init: WebSocketChannelsInit = {},
  ) {
    this.#socket = components.socket;
    this.#base64 = init.base64 ?? false;
    this.#channels = Array.from({ length: components.count }, (_, number) => this.#open(number));
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
      read: () => this.#socket.resume(),
      write: (chunk: Buffer, _encoding, done) => this.#send(number, chunk, done),
      destroy: (error, done) => {
        this.#socket.resume();
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
      this.#channels[second ?? closeSignal]?.push(null);
      return;
    }
    const text = this.#base64 || !isBinary;
    const channel = this.#channels[text ? first - 0x30 : first];
    const data = text ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    if (channel === undefined || channel.readableEnded || data.length === 0) return;
    if (!channel.push(data)) this.#socket.pause();
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
