import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Result } from '../abi/variants.ts';
import type { ErrorCode } from './error-code.ts';
import { FailedAnswer } from './failed-answer.ts';
import type { Field } from './fields.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import type { OutgoingResponse } from './messages.ts';
import type { BodySink } from './outgoing-body.ts';
import { headersOf, headersWithoutTrailer, isChunked, wantsLength } from './response-head.ts';

/** Bytes up to which a body is copied once more, rather than written beside its head. */
const largestString = 8 * 1024;

/**
 * Carries a guest's response to the client. What the guest writes before it has to wait is gathered:
 * a small response leaves in one piece, with its length; a larger one streams.
 */
export class ResponseWriter implements BodySink {
  readonly #response: ServerResponse;
  #problem: FailedAnswer | undefined;
  #head: OutgoingResponse | undefined;
  #gathered: GatheredBytes | undefined;
  #state: 'waiting' | 'gathering' | 'streaming' | 'ended' = 'waiting';

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Whether the guest has given its response, or an error in place of one. */
  get hasResponded(): boolean {
    return this.#state !== 'waiting';
  }

  /** Why the guest has not answered the request, or not to its end. */
  get problem(): FailedAnswer | undefined {
    return this.#problem;
  }

  respond(outcome: Result<OutgoingResponse, ErrorCode>): void {
    if (outcome.kind === 'error') {
      this.#refuse(502, FailedAnswer.error(outcome.error));
      return;
    }
    this.#head = outcome.value;
    this.#state = 'gathering';
    const { body } = outcome.value;
    if (body === undefined) {
      this.#respondWithout(outcome.value);
      return;
    }
    body.attachTo(this);
    if (this.#state === 'gathering') queueMicrotask(() => this.#streamUnlessEnded());
  }

  /** A length that nothing follows would make the next response the body of this one. */
  #respondWithout(head: OutgoingResponse): void {
    const { contentLength = 0n } = head;
    const mayBeLeftOut = this.#response.req.method === 'HEAD' || head.status === 304;
    if (contentLength === 0n || mayBeLeftOut) this.end([]);
    else this.abandon(`The guest wrote no body for a content-length of ${contentLength}`);
  }

  /**
   * JSPI suspends a guest in every function that may wait, and resumes it in a microtask where that
   * did not have to. A tick comes when no microtask is left: the guest waits for something.
   */
  #streamUnlessEnded(): void {
    if (this.#state === 'gathering') process.nextTick(() => this.#stream());
  }

  /** Answers with a status of the host's own, or cuts the connection if it is too late for one. */
  fail(status: number): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    this.#response.writeHead(status, ['content-length', '0']);
    this.#response.end();
  }

  get backlog(): number {
    return (this.#gathered?.length ?? 0) + this.#response.writableLength;
  }

  get failure(): Error | undefined {
    if (this.#response.errored !== null) return this.#response.errored;
    return this.#response.destroyed && this.#state !== 'ended'
      ? new Error('Client left')
      : undefined;
  }

  drained(): Promise<unknown> {
    this.#stream(); // the guest waits: there is nothing more to be gathered
    // Node takes a body that is not to be sent, as that of HEAD, without ever saying so.
    if (!this.#response.writableNeedDrain) return Promise.resolve();
    const settled = new AbortController();
    const options = { signal: settled.signal };
    return Promise.race([
      once(this.#response, 'drain', options),
      once(this.#response, 'close', options),
    ])
      .catch(() => undefined)
      .finally(() => settled.abort());
  }

  write(contents: Uint8Array): void {
    if (this.#state === 'streaming') this.#response.write(Buffer.from(contents));
    if (this.#state !== 'gathering') return;
    this.#gathered ??= new GatheredBytes();
    this.#gathered.add(contents);
  }

  end(trailers: readonly Field[]): void {
    const head = this.#head;
    if (head !== undefined) {
      if (this.#state === 'gathering' && trailers.length === 0) this.#sendWhole(head);
      else this.#sendRest(head, trailers);
    }
    this.#state = 'ended';
  }

  abandon(reason: string): void {
    this.#refuse(500, new FailedAnswer(reason));
  }

  /** To be called when the guest has returned. */
  returned(): void {
    if (this.#state !== 'waiting') return;
    this.#refuse(
      500,
      new FailedAnswer("The guest returned without a call of 'response-outparam.set'"),
    );
  }

  #refuse(status: number, problem: FailedAnswer): void {
    // A guest whose client has left cannot but give up.
    if (this.#state !== 'ended' && !this.#response.destroyed) this.#problem = problem;
    this.fail(status);
  }

  #sendWhole(head: OutgoingResponse): void {
    const headers = headersWithoutTrailer(head);
    const body = this.#gathered;
    this.#gathered = undefined;
    if (wantsLength(head)) headers.push('content-length', String(body?.length ?? 0));
    this.#response.writeHead(head.status, headers);
    if (body === undefined) this.#response.end();
    else this.#endWith(body);
  }

  #endWith(body: GatheredBytes): void {
    if (body.length <= largestString) {
      // As a string, head and body are one write to the socket: a third of a small request's time.
      this.#response.end(body.bytes.toString('latin1'), 'latin1');
      body.giveBack();
      return;
    }
    const { socket } = this.#response;
    this.#response.end(body.bytes);
    const isSent = socket !== null && socket.writableLength + this.#response.writableLength === 0;
    if (isSent) body.giveBack();
  }

  #sendRest(head: OutgoingResponse, trailers: readonly Field[]): void {
    this.#stream(trailers);
    if (trailers.length > 0 && isChunked(this.#response, head)) {
      this.#response.addTrailers(
        trailers.map(({ name, value }): [string, string] => [name, value]),
      );
    }
    this.#response.end();
  }

  #stream(trailers: readonly Field[] = []): void {
    if (this.#state !== 'gathering' || this.#head === undefined) return;
    this.#state = 'streaming';
    this.#response.writeHead(this.#head.status, this.#headers(this.#head, trailers));
    if (this.#gathered === undefined) this.#response.flushHeaders();
    else this.#response.write(this.#gathered.bytes);
    this.#gathered = undefined;
  }

  #headers(head: OutgoingResponse, trailers: readonly Field[]): string[] {
    if (!isChunked(this.#response, head)) return headersWithoutTrailer(head);
    if (trailers.length === 0) return headersOf(head); // of what follows, only the guest knows
    const names = trailers.map(({ name }) => name).join(', ');
    return [...headersWithoutTrailer(head), 'trailer', names];
  }
}
