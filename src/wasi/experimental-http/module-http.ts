import { Agent, type Dispatcher, interceptors } from 'undici';
import {
  type GuardedConnectorComponents,
  guardedConnector,
  hostOf,
  portOf,
} from '../component/http/guarded-connector.ts';
import { failureOf } from '../component/http/undici-errors.ts';
import {
  type ModuleRequest,
  type ModuleRequests,
  type ModuleResponse,
  RequestRefused,
} from './module-requests.ts';

export interface ModuleHttpInit {
  /** Responses that a module may hold open. @default 100 */
  readonly maximumConcurrency?: number;
  /** The most bytes of a response's body. @default 67108864 */
  readonly maximumBodySize?: number;
  /** Milliseconds to connect in. @default 10000 */
  readonly connectTimeout?: number;
  /** Milliseconds to a response's head, and between two parts of its body. @default 60000 */
  readonly timeout?: number;
  /** Where connections come from, one address a family. @default the system's choice */
  readonly from?: readonly string[];
}

const defaults = {
  maximumConcurrency: 100,
  maximumBodySize: 64 * 1024 * 1024,
  connectTimeout: 10_000,
  timeout: 60_000,
  from: [],
};
/** As the client of wasi-experimental-http follows them; each is checked like the first. */
const maxRedirections = 10;

/** Sends modules' requests with undici, as far as the policy lets them. */
export class ModuleHttp implements ModuleRequests {
  readonly #components: GuardedConnectorComponents;
  readonly #init: Required<ModuleHttpInit>;
  readonly #dispatcher: Dispatcher;

  constructor(components: GuardedConnectorComponents, init: ModuleHttpInit = {}) {
    this.#components = components;
    this.#init = { ...defaults, ...init };
    const connect = guardedConnector(components, this.#init);
    this.#dispatcher = new Agent({ connect }).compose(interceptors.redirect({ maxRedirections }));
  }

  get maximumSessions(): number {
    return this.#init.maximumConcurrency;
  }

  async send({ url, method, headers, body }: ModuleRequest): Promise<ModuleResponse> {
    const { policy } = this.#components;
    if (!policy.allowsHost(hostOf(url), portOf(url))) throw refused(url);
    const { timeout } = this.#init;
    try {
      const response = await this.#dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: method as Dispatcher.HttpMethod, // any token may be one, whatever the types list
        headers: [...headers],
        body: body.length === 0 ? null : body,
        headersTimeout: timeout,
        bodyTimeout: timeout,
      });
      return {
        status: response.statusCode,
        headers: pairsOf(response.headers),
        body: await this.#wholeBody(response.body),
      };
    } catch (cause) {
      const failure = failureOf(cause);
      throw failure.code.kind === 'destination-IP-prohibited' ? refused(url, failure) : failure;
    }
  }

  async #wholeBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of body) {
      length += part.length;
      if (length > this.#init.maximumBodySize) {
        throw new Error(`Cannot take the response: more than ${this.#init.maximumBodySize} bytes`);
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}

function pairsOf(headers: Dispatcher.ResponseData['headers']): ModuleResponse['headers'] {
  return Object.entries(headers).flatMap(([name, value = []]) =>
    [value].flat().map((each) => [name, each] as const),
  );
}

function refused({ host }: URL, cause?: unknown): RequestRefused {
  return new RequestRefused(`Cannot send a request to '${host}': the policy does not allow it`, {
    cause,
  });
}
