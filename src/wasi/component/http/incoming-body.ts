import type { Readable } from 'node:stream';
import { Resource } from '../abi/resource.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import type { Readiness } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';
import { type ErrorCode, HttpFailure } from './error-code.ts';
import type { Field } from './fields.ts';

/** A body that comes from the network, and what is known of it. */
export interface BodySource {
  /** Undefined for a message without a body. */
  readonly stream: Readable | undefined;
  /** The most bytes that are taken, and the error beyond. */
  readonly limit: number;
  readonly tooLarge: ErrorCode;
  /** The trailers, known once the stream has ended. */
  trailers(): readonly Field[];
}

/** `wasi:http/types.incoming-body`. */
export class IncomingBody extends Resource {
  readonly source: BodySource;
  readonly #reader: BodyReader;
  #taken = false;

  constructor(source: BodySource, parent?: Resource) {
    super(parent);
    this.source = source;
    this.#reader = new BodyReader(source);
  }

  /** The contents; undefined if they were asked for before. */
  stream(): IncomingBodyStream | undefined {
    if (this.#taken) return undefined;
    this.#taken = true;
    return new IncomingBodyStream(this.#reader, this);
  }

  /** Ready when the body has been read to its end, or has failed. */
  get ended(): Readiness {
    return this.#reader.ended;
  }

  get failure(): Error | undefined {
    return this.#reader.failure;
  }

  /** Reads and forgets what the guest did not want, up to the end and the trailers. */
  discardRest(): void {
    this.#reader.discardRest();
  }
}

class IncomingBodyStream extends InputStream {
  readonly #reader: BodyReader;

  constructor(reader: BodyReader, parent: IncomingBody) {
    super(parent);
    this.#reader = reader;
  }

  get readiness(): Readiness {
    return this.#reader.readable;
  }

  read(length: number): Result<Uint8Array, StreamError> {
    return this.#reader.read(length);
  }
}

const nothing = Buffer.alloc(0);

/** Reads a Node stream by asking it, which is the guest's way, instead of by listening. */
class BodyReader {
  readonly #source: BodySource;
  #taken = 0;
  #failure: Error | undefined;
  #listening = false;
  #wake: (() => void) | undefined;
  readonly #onChange = () => this.#wake?.();

  readonly readable: Readiness = {
    ready: () => this.#isEnded() || (this.#source.stream?.readableLength ?? 0) > 0,
    source: () => ({ kind: 'event', happened: this.#next() }),
  };

  readonly ended: Readiness = {
    ready: () => this.#isEnded(),
    source: () => ({ kind: 'event', happened: this.#next() }),
  };

  constructor(source: BodySource) {
    this.#source = source;
  }

  get failure(): Error | undefined {
    return this.#failure ?? this.#source.stream?.errored ?? undefined;
  }

  read(length: number): Result<Uint8Array, StreamError> {
    const { stream } = this.#source;
    if (this.failure !== undefined) return error(failed(this.failure));
    const available = Math.min(length, stream?.readableLength ?? 0);
    if (stream === undefined || available === 0) {
      return this.#isEnded() ? error(this.failure ? failed(this.failure) : closed) : ok(nothing);
    }
    const chunk: Uint8Array = stream.read(available) ?? nothing;
    this.#taken += chunk.length;
    if (this.#taken <= this.#source.limit) return ok(chunk);
    this.#failure = new HttpFailure(this.#source.tooLarge);
    return error(failed(this.#failure));
  }

  discardRest(): void {
    this.#source.stream?.off('readable', this.#onChange);
    this.#source.stream?.resume();
  }

  #isEnded(): boolean {
    const { stream } = this.#source;
    return (
      stream === undefined || stream.readableEnded || stream.destroyed || this.failure !== undefined
    );
  }

  #next(): Promise<unknown> {
    this.#listen();
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
      // A Node stream says that it has ended only to somebody who tries to read on.
      this.#source.stream?.read(0);
    });
  }

  #listen(): void {
    const { stream } = this.#source;
    if (this.#listening || stream === undefined) return;
    this.#listening = true;
    for (const event of ['readable', 'end', 'error', 'close']) stream.on(event, this.#onChange);
  }
}
