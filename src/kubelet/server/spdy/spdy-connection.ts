import type { Duplex } from 'node:stream';
import { ByteSource } from './byte-source.ts';
import type { SpdyFrame, SpdyHeaders, SynStreamFrame } from './frame.ts';
import { decodeFrames } from './frame-decoder.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { HeaderDecompressor } from './header-compression.ts';
import { SpdyError, streamStatus } from './spdy-error.ts';
import { SpdyStream, type StreamTransport } from './spdy-stream.ts';

export interface SpdyConnectionComponents {
  /** A connection that was upgraded to SPDY/3.1, or what tunnels one. */
  readonly transport: Duplex;
  /** Takes a stream that the peer opened: it accepts or refuses it. */
  readonly onStream: (stream: SpdyStream) => void;
}

export interface SpdyConnectionInit {
  /** @default 'server' */
  readonly role?: 'server' | 'client';
  /** Most streams the peer may have open at once. @default 256 */
  readonly maxStreams?: number;
  /**
   * Most bytes that may wait for a peer that does not read, before the connection is given up.
   * Streams wait for the transport; answers to pings do not. @default 32 MiB
   */
  readonly maxUnsentBytes?: number;
}

/** How many received bytes are reported to the peer at once. */
const windowUpdateBytes = 32 * 1024;

/**
 * A SPDY/3.1 connection, as kubectl and the API server speak it for exec, attach and port-forward.
 *
 * @see https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
export class SpdyConnection {
  readonly #transport: Duplex;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #role: 'server' | 'client';
  readonly #maxStreams: number;
  readonly #maxUnsentBytes: number;
  readonly #encoder = new FrameEncoder();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #unreported = new Map<number, number>();
  readonly #streamTransport: StreamTransport = {
    sendData: (streamId, fin, data, sent) => this.#sendData(streamId, fin, data, sent),
    sendReply: (streamId, headers) =>
      this.#send({ kind: 'syn-reply', streamId, fin: false, headers }),
    sendReset: (streamId, status) => this.#send({ kind: 'rst-stream', streamId, status }),
    resumeReading: () => this.#wakeReader?.(),
    forget: (streamId) => this.#forget(streamId),
  };
  readonly #waitingToSend: (() => void)[] = [];
  #wakeReader: (() => void) | undefined;
  #initialWindow: number | undefined;
  #lastPeerStream = 0;
  #nextOwnStream: number;

  constructor(components: SpdyConnectionComponents, init: SpdyConnectionInit = {}) {
    this.#transport = components.transport;
    this.#onStream = components.onStream;
    this.#role = init.role ?? 'server';
    this.#maxStreams = init.maxStreams ?? 256;
    this.#maxUnsentBytes = init.maxUnsentBytes ?? 32 * 1024 * 1024;
    this.#nextOwnStream = this.#role === 'server' ? 2 : 1;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /**
   * Serves the connection until either side ends it or the signal aborts. Streams that are open
   * then are destroyed.
   *
   * @throws {SpdyError} where the peer breaks the protocol
   */
  async run({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const stop = () => this.#transport.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    using decompressor = new HeaderDecompressor();
    try {
      // Reading to the end must not destroy the transport: what was written may still be on its way.
      const source = new ByteSource(this.#transport.iterator({ destroyOnReturn: false }));
      for await (const frame of decodeFrames(source, decompressor)) {
        if (frame.kind === 'go-away') break;
        await this.#handle(frame);
      }
    } catch (error) {
      // Anything else is the transport's end, such as a client that vanished.
      if (!(error instanceof SpdyError)) return;
      this.#send({
        kind: 'go-away',
        lastStreamId: this.#lastPeerStream,
        status: error.code === 'INTERNAL_ERROR' ? 2 : 1,
      });
      // Nobody reads what the peer still says, so that its end would not be seen.
      this.#transport.end(() => this.#transport.destroy());
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#end();
    }
  }

  /** Opens a stream; the peer may accept or reset it. */
  open(headers: SpdyHeaders): SpdyStream {
    const id = this.#nextOwnStream;
    this.#nextOwnStream += 2;
    const stream = this.#addStream(id, headers);
    this.#send({ kind: 'syn-stream', streamId: id, fin: false, unidirectional: false, headers });
    return stream;
  }

  /** Says goodbye and ends the connection once everything written has gone. */
  close(): void {
    this.#send({ kind: 'go-away', lastStreamId: this.#lastPeerStream, status: 0 });
    this.#transport.end();
  }

  async #handle(frame: Exclude<SpdyFrame, { kind: 'go-away' }>): Promise<void> {
    switch (frame.kind) {
      case 'syn-stream':
        return this.#handleSynStream(frame);
      case 'data':
        return await this.#handleData(frame.streamId, frame.fin, frame.data);
      case 'syn-reply':
      case 'headers':
        if (frame.fin) this.#streams.get(frame.streamId)?.receiveEnd();
        return;
      case 'rst-stream':
        return this.#streams.get(frame.streamId)?.receiveReset();
      case 'settings':
        return this.#handleSettings(frame.initialWindow);
      case 'window-update':
        return this.#streams.get(frame.streamId)?.window.widen(frame.delta);
      case 'ping':
        return this.#handlePing(frame.id);
      default:
        frame satisfies never;
    }
  }

  #handleSynStream(frame: SynStreamFrame): void {
    const peersParity = this.#role === 'server' ? 1 : 0;
    if (frame.streamId % 2 !== peersParity || frame.streamId <= this.#lastPeerStream) {
      throw new SpdyError('PROTOCOL_ERROR', `open stream: id ${frame.streamId} out of order`);
    }
    this.#lastPeerStream = frame.streamId;
    if (this.#streams.size >= this.#maxStreams) {
      const status = streamStatus.REFUSED_STREAM;
      this.#send({ kind: 'rst-stream', streamId: frame.streamId, status });
      return;
    }
    const stream = this.#addStream(frame.streamId, frame.headers);
    if (frame.fin) stream.receiveEnd();
    this.#onStream(stream);
  }

  async #handleData(streamId: number, fin: boolean, data: Buffer): Promise<void> {
    const stream = this.#streams.get(streamId);
    // The peer may not have heard yet that the stream is gone.
    if (stream === undefined) return;
    stream.receive(data, fin);
    while (stream.backlogged && !this.#transport.destroyed) await this.#readerWoken();
    this.#report(streamId, data.length);
  }

  async #readerWoken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakeReader = resolve;
    this.#transport.once('close', resolve);
    await promise;
    this.#transport.off('close', resolve);
    this.#wakeReader = undefined;
  }

  #handleSettings(initialWindow: number | undefined): void {
    if (initialWindow === undefined) return;
    this.#initialWindow = initialWindow;
    for (const stream of this.#streams.values()) stream.window.limitTo(initialWindow);
  }

  #handlePing(id: number): void {
    const peersParity = this.#role === 'server' ? 1 : 0;
    if (id % 2 === peersParity) this.#send({ kind: 'ping', id });
  }

  #addStream(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream(this.#streamTransport, { id, headers });
    if (this.#initialWindow !== undefined) stream.window.limitTo(this.#initialWindow);
    this.#streams.set(id, stream);
    return stream;
  }

  #sendData(streamId: number, fin: boolean, data: Buffer, sent: () => void): void {
    if (this.#send({ kind: 'data', streamId, fin, data })) {
      sent();
      return;
    }
    if (this.#waitingToSend.length === 0) this.#transport.once('drain', () => this.#drained());
    this.#waitingToSend.push(sent);
  }

  #drained(): void {
    for (const sent of this.#waitingToSend.splice(0)) sent();
  }

  /** False where the transport wants a pause. */
  #send(frame: SpdyFrame): boolean {
    if (this.#transport.destroyed || this.#transport.writableEnded) return true;
    this.#transport.cork();
    let ready = true;
    for (const part of this.#encoder.encode(frame)) {
      ready = this.#transport.write(part);
    }
    process.nextTick(() => this.#transport.uncork());
    if (this.#transport.writableLength > this.#maxUnsentBytes) this.#transport.destroy();
    return ready;
  }

  #report(streamId: number, bytes: number): void {
    const isOpen = this.#streams.has(streamId);
    const delta = (this.#unreported.get(streamId) ?? 0) + bytes;
    if (delta < windowUpdateBytes) {
      if (isOpen) this.#unreported.set(streamId, delta);
      return;
    }
    if (isOpen) {
      this.#unreported.set(streamId, 0);
      this.#send({ kind: 'window-update', streamId, delta });
    }
    this.#send({ kind: 'window-update', streamId: 0, delta });
  }

  #forget(streamId: number): void {
    this.#streams.delete(streamId);
    this.#unreported.delete(streamId);
  }

  #end(): void {
    for (const stream of [...this.#streams.values()]) stream.disconnect();
    this.#transport.end();
  }
}
