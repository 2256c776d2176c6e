import { Resource } from '../abi/resource.ts';
import type { Result } from '../abi/variants.ts';
import type { ErrorCode } from './error-code.ts';
import { Fields } from './fields.ts';
import { type BodySource, IncomingBody } from './incoming-body.ts';
import { type Method, methodOf } from './method.ts';
import { OutgoingBody } from './outgoing-body.ts';
import type { Scheme } from './scheme.ts';

/** What has arrived of a request. */
export interface RequestHead {
  readonly method: string;
  readonly path: string | undefined;
  readonly scheme: Scheme | undefined;
  readonly authority: string | undefined;
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[];
}

abstract class IncomingMessage extends Resource {
  readonly #rawHeaders: readonly string[];
  readonly body: BodySource;
  #consumed = false;

  constructor(rawHeaders: readonly string[], body: BodySource) {
    super();
    this.#rawHeaders = rawHeaders;
    this.body = body;
  }

  headers(): Fields {
    return Fields.fromRaw(this.#rawHeaders, this);
  }

  /** The body; undefined if it was asked for before. */
  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    return new IncomingBody(this.body);
  }
}

/** `wasi:http/types.incoming-request`. */
export class IncomingRequest extends IncomingMessage {
  readonly head: RequestHead;

  constructor(head: RequestHead, body: BodySource) {
    super(head.rawHeaders, body);
    this.head = head;
  }

  get method(): Method {
    return methodOf(this.head.method);
  }
}

/** `wasi:http/types.incoming-response`. */
export class IncomingResponse extends IncomingMessage {
  readonly status: number;

  constructor(status: number, rawHeaders: readonly string[], body: BodySource) {
    super(rawHeaders, body);
    this.status = status;
  }
}

abstract class OutgoingMessage extends Resource {
  readonly fields: Fields;
  #body: OutgoingBody | undefined;

  constructor(fields: Fields) {
    super();
    this.fields = fields;
    fields.freeze();
  }

  headers(): Fields {
    return new Fields(this.fields.entries, { mutable: false, parent: this });
  }

  /** The body; undefined if it was asked for before. */
  takeBody(): OutgoingBody | undefined {
    if (this.#body !== undefined) return undefined;
    this.#body = new OutgoingBody(this.contentLength);
    return this.#body;
  }

  /** The body that the guest asked for; a message it did not ask for has none. */
  get body(): OutgoingBody | undefined {
    return this.#body;
  }

  /** The length of the body, where the guest has told one. */
  get contentLength(): bigint | undefined {
    const [length] = this.fields.get('content-length');
    return length === undefined ? undefined : BigInt(length);
  }
}

/** `wasi:http/types.outgoing-response`. */
export class OutgoingResponse extends OutgoingMessage {
  status = 200;
}

/** `wasi:http/types.outgoing-request`. */
export class OutgoingRequest extends OutgoingMessage {
  method: Method = { kind: 'get' };
  path: string | undefined;
  scheme: Scheme | undefined;
  authority: string | undefined;
}

/** `wasi:http/types.request-options`: times in nanoseconds. */
export class RequestOptions extends Resource {
  connectTimeout: bigint | undefined;
  firstByteTimeout: bigint | undefined;
  betweenBytesTimeout: bigint | undefined;
}

/** `wasi:http/types.response-outparam`: where a handler puts its response. */
export class ResponseOutparam extends Resource {
  readonly #respond: (response: Result<OutgoingResponse, ErrorCode>) => void;

  constructor(respond: (response: Result<OutgoingResponse, ErrorCode>) => void) {
    super();
    this.#respond = respond;
  }

  set(response: Result<OutgoingResponse, ErrorCode>): void {
    this.#respond(response);
  }
}
