import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { OutgoingRequest } from './messages.ts';
import type { BodySink } from './outgoing-body.ts';

/** The body of a guest's request as undici takes it; null if the guest asked for none. */
export function requestBodyOf(request: OutgoingRequest): Readable | null {
  if (request.body === undefined) return null;
  const sink = new RequestBodySink();
  request.body.attachTo(sink);
  return sink.stream;
}

/** Carries what a guest writes to the request's stream. Trailers of requests are not sent. */
class RequestBodySink implements BodySink {
  readonly stream = new PassThrough();
  #ended = false;

  constructor() {
    // A failure reaches the guest through `failure`; without a listener it would end the process.
    this.stream.on('error', () => undefined);
  }

  get backlog(): number {
    return this.stream.writableLength + this.stream.readableLength;
  }

  get failure(): Error | undefined {
    if (this.stream.errored !== null) return this.stream.errored;
    return this.stream.destroyed && !this.#ended ? new Error('The server left') : undefined;
  }

  drained(): Promise<unknown> {
    const settled = new AbortController();
    const options = { signal: settled.signal };
    return Promise.race([once(this.stream, 'drain', options), once(this.stream, 'close', options)])
      .catch(() => undefined)
      .finally(() => settled.abort());
  }

  write(contents: Uint8Array): void {
    this.stream.write(Buffer.from(contents));
  }

  end(): void {
    this.#ended = true;
    this.stream.end();
  }

  abandon(reason: string): void {
    this.stream.destroy(new Error(reason));
  }
}
