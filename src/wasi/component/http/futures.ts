import { Resource } from '../abi/resource.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import type { Readiness } from '../io/readiness.ts';
import { type ErrorCode, HttpFailure } from './error-code.ts';
import { Fields } from './fields.ts';
import type { IncomingBody } from './incoming-body.ts';
import type { IncomingResponse } from './messages.ts';

type Outcome<T> = Result<Result<T, ErrorCode>, undefined>;

/** `wasi:http/types.future-trailers`. */
export class FutureTrailers extends Resource {
  readonly #body: IncomingBody;
  #given = false;

  constructor(body: IncomingBody) {
    super();
    this.#body = body;
    body.discardRest();
  }

  get readiness(): Readiness {
    return this.#body.ended;
  }

  /** Undefined while the body has not ended; an error from the second time on. */
  get(): Outcome<Fields | undefined> | undefined {
    if (!this.readiness.ready()) return undefined;
    if (this.#given) return error(undefined);
    this.#given = true;
    const { failure } = this.#body;
    if (failure !== undefined) return ok(error(errorCodeOf(failure)));
    const trailers = this.#body.source.trailers();
    return ok(ok(trailers.length === 0 ? undefined : new Fields(trailers, { mutable: false })));
  }
}

/** `wasi:http/types.future-incoming-response`. */
export class FutureIncomingResponse extends Resource {
  readonly #abort: AbortController;
  readonly #settled: Promise<void>;
  #outcome: Result<IncomingResponse, ErrorCode> | undefined;
  #given = false;

  readonly readiness: Readiness = {
    ready: () => this.#outcome !== undefined,
    source: () => ({ kind: 'event', happened: this.#settled }),
  };

  /** @param abort ends the request when the guest no longer wants its response */
  constructor(response: Promise<IncomingResponse>, abort: AbortController) {
    super();
    this.#abort = abort;
    this.#settled = response.then(
      (value) => {
        this.#outcome = ok(value);
      },
      (cause: unknown) => {
        this.#outcome = error(errorCodeOf(cause));
      },
    );
  }

  /** Undefined while there is no response; an error from the second time on. */
  get(): Outcome<IncomingResponse> | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#given) return error(undefined);
    this.#given = true;
    return ok(this.#outcome);
  }

  override drop(): void {
    if (!this.#given) this.#abort.abort();
  }
}

/** The error code of a failure; what has none is internal, and its text says what happened. */
export function errorCodeOf(failure: unknown): ErrorCode {
  if (failure instanceof HttpFailure) return failure.code;
  const text = failure instanceof Error ? failure.message : String(failure);
  return { kind: 'internal-error', value: text };
}
