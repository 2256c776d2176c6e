import type { Guest } from '../../abi/guest.ts';
import { Resource } from '../../abi/resource.ts';
import { Fields } from '../../http/fields.ts';
import { RequestOptions as RequestOptions02 } from '../../http/messages.ts';
import type { Method } from '../../http/method.ts';
import type { Scheme } from '../../http/scheme.ts';
import { type Body, type BodyOrigin, openBody, refuseBody } from './body.ts';
import { Transmission } from './transmission.ts';

abstract class Message extends Resource {
  readonly fields: Fields;
  readonly transmission = new Transmission();
  readonly #origin: BodyOrigin;
  #isConsumed = false;

  constructor(fields: Fields, origin: BodyOrigin) {
    super();
    fields.freeze();
    this.fields = fields;
    this.#origin = origin;
  }

  /** Whether there is something to be sent after the head. */
  get hasContents(): boolean {
    return this.#origin.kind === 'network' || this.#origin.contents !== undefined;
  }

  headers(): Fields {
    return new Fields(this.fields.entries, { mutable: false });
  }

  /** Begins to read the body; the message has none any more. */
  consume(guest: Guest): Body {
    this.#isConsumed = true;
    return openBody(guest, this.#origin);
  }

  override drop(): void {
    if (this.#isConsumed) return;
    refuseBody(this.#origin);
    this.transmission.fail({ kind: 'internal-error', value: 'The message was not sent' });
  }
}

/** `wasi:http/types.request`. */
export class Request extends Message {
  method: Method = { kind: 'get' };
  path: string | undefined;
  scheme: Scheme | undefined;
  authority: string | undefined;
  readonly options: RequestOptions | undefined;

  constructor(fields: Fields, origin: BodyOrigin, options?: RequestOptions) {
    super(fields, origin);
    this.options = options?.copy(false);
  }
}

/** `wasi:http/types.response`. */
export class Response extends Message {
  status = 200;
}

/** `wasi:http/types.request-options`: times in nanoseconds. */
export class RequestOptions extends RequestOptions02 {
  readonly isMutable: boolean;

  constructor(isMutable = true) {
    super();
    this.isMutable = isMutable;
  }

  copy(isMutable: boolean): RequestOptions {
    const copy = new RequestOptions(isMutable);
    copy.connectTimeout = this.connectTimeout;
    copy.firstByteTimeout = this.firstByteTimeout;
    copy.betweenBytesTimeout = this.betweenBytesTimeout;
    return copy;
  }
}
