import { Resource } from '../abi/resource.ts';
import { done, error, ok, type Result } from '../abi/variants.ts';
import { OutputStream } from '../io/output-stream.ts';
import { alwaysReady, type Readiness } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';
import type { ErrorCode } from './error-code.ts';
import { isTrailer } from './field-rules.ts';
import type { Field } from './fields.ts';

/** Where a body goes once its message is on its way. Methods do not throw. */
export interface BodySink {
  /** Takes contents, which may be overwritten afterwards. */
  write(contents: Uint8Array): void;
  /** Bytes taken that the network has not. */
  readonly backlog: number;
  /** Resolves when {@link backlog} has become less, or the sink has failed. */
  drained(): Promise<unknown>;
  readonly failure: Error | undefined;
  end(trailers: readonly Field[]): void;
  /** The guest gave the body up, for a reason to be told: what is sent must be seen to be incomplete. */
  abandon(reason: string): void;
}

/** What may wait to be sent for one message. */
const capacity = 256 * 1024;

/** `wasi:http/types.outgoing-body`. */
export class OutgoingBody extends Resource {
  /** What a content-length field promises, if there is one. */
  readonly #promised: bigint | undefined;
  #chunks: Uint8Array[] = [];
  #written = 0;
  #queued = 0;
  #sink: BodySink | undefined;
  #end: { readonly trailers: readonly Field[] } | { readonly abandoned: string } | undefined;
  #streamTaken = false;
  /** Made for a guest that waits for it. */
  #attached: PromiseWithResolvers<void> | undefined;

  constructor(promised: bigint | undefined, parent?: Resource) {
    super(parent);
    this.#promised = promised;
  }

  /** The stream to write to; undefined if it was asked for before. */
  stream(): OutgoingBodyStream | undefined {
    if (this.#streamTaken) return undefined;
    this.#streamTaken = true;
    return new OutgoingBodyStream(this);
  }

  /** Sends what was written so far, and all that follows, to `sink`. */
  attachTo(sink: BodySink): void {
    this.#sink = sink;
    for (const chunk of this.#chunks) sink.write(chunk);
    this.#chunks = [];
    this.#queued = 0;
    if (this.#end !== undefined) {
      if ('trailers' in this.#end) sink.end(this.#end.trailers);
      else sink.abandon(this.#end.abandoned);
    }
    this.#attached?.resolve();
  }

  get room(): number {
    return Math.max(0, capacity - this.backlog);
  }

  get backlog(): number {
    return this.#queued + (this.#sink?.backlog ?? 0);
  }

  get failure(): Error | undefined {
    return this.#sink?.failure;
  }

  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  drained(): Promise<unknown> {
    if (this.#sink !== undefined) return this.#sink.drained();
    // Nothing drains until the message is on its way.
    this.#attached ??= Promise.withResolvers();
    return this.#attached.promise;
  }

  write(contents: Uint8Array): void {
    this.#written += contents.length;
    if (this.#sink !== undefined) {
      this.#sink.write(contents);
      return;
    }
    this.#chunks.push(Buffer.from(contents)); // a small one comes of a pool
    this.#queued += contents.length;
  }

  /** Ends the body, if it is as long as its message says. */
  finish(trailers: readonly Field[]): Result<undefined, ErrorCode> {
    if (this.#promised !== undefined && this.#promised !== BigInt(this.#written)) {
      this.#abandon(
        `The guest wrote ${this.#written} bytes of a body with a content-length of ${this.#promised}`,
      );
      return error({ kind: 'HTTP-request-body-size', value: BigInt(this.#written) });
    }
    this.#end = { trailers: trailers.filter(({ name }) => isTrailer(name)) };
    this.#sink?.end(this.#end.trailers);
    return done;
  }

  override drop(): void {
    if (this.#end === undefined) this.#abandon('The guest gave up a body before its end');
  }

  #abandon(abandoned: string): void {
    this.#end = { abandoned };
    this.#sink?.abandon(abandoned);
  }
}

class OutgoingBodyStream extends OutputStream {
  readonly #body: OutgoingBody;

  readonly readiness: Readiness = {
    ready: () => this.#isOver() || this.#body.room > 0,
    source: () => ({ kind: 'event', happened: this.#body.drained() }),
  };

  constructor(body: OutgoingBody) {
    super(body);
    this.#body = body;
  }

  /**
   * A flush is done when there is room again. Waiting for the network to take every byte would
   * make each small write of the guest a packet.
   */
  get flushed(): Readiness {
    return this.#body.room > 0 ? alwaysReady : this.readiness;
  }

  checkWrite(): Result<number, StreamError> {
    if (this.#body.failure !== undefined) return error(failed(this.#body.failure));
    return this.#body.isClosed ? error(closed) : ok(this.#body.room);
  }

  write(contents: Uint8Array): Result<undefined, StreamError> {
    this.#body.write(contents);
    return done;
  }

  flush(): Result<undefined, StreamError> {
    const permit = this.checkWrite();
    return permit.kind === 'error' ? permit : done;
  }

  #isOver(): boolean {
    return this.#body.isClosed || this.#body.failure !== undefined;
  }
}
