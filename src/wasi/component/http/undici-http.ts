import { Agent, type Dispatcher } from 'undici';
import { Routes } from '../../network/routes.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { HttpFailure } from './error-code.ts';
import { guardedConnector, hostOf, portOf } from './guarded-connector.ts';
import { IncomingResponse, type OutgoingRequest, type RequestOptions } from './messages.ts';
import { methodName } from './method.ts';
import type { OutgoingHttp } from './outgoing-http.ts';
import { requestBodyOf } from './request-body-sink.ts';
import { systemAddresses } from './system-addresses.ts';
import { failureOf } from './undici-errors.ts';

export interface UndiciHttpInit {
  /** Requests whose response has not begun; more are refused. @default 100 */
  readonly maximumConcurrency?: number;
  /** The most bytes of a response's body. @default 1073741824 */
  readonly maximumBodySize?: number;
  /** Milliseconds to connect in, where the guest names none. @default 10000 */
  readonly connectTimeout?: number;
  /** Milliseconds to a response's head, where the guest names none. @default 60000 */
  readonly headersTimeout?: number;
  /** Where connections come from, one address a family. @default the system's choice */
  readonly from?: readonly string[];
}

export interface UndiciHttpComponents {
  readonly policy: EgressPolicy;
  /** @default every address leads to itself */
  readonly routes?: Routes;
  /** The addresses of a name; fails with a resolver's code. @default the system's resolver */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

const nanosecondsPerMillisecond = 1_000_000n;
/** In milliseconds: the system gives a connection up after about two minutes. */
const longestTimeout = 300_000;
/** More different times than guests name who mean no harm. */
const mostAgents = 16;

/** Sends guests' requests with undici, as far as the policy lets them. */
export class UndiciHttp implements OutgoingHttp, AsyncDisposable {
  readonly #policy: EgressPolicy;
  readonly #init: Required<UndiciHttpInit>;
  readonly #agents: AgentsByTimeout;
  #running = 0;

  constructor(components: UndiciHttpComponents, init: UndiciHttpInit = {}) {
    const { policy, routes = new Routes(), resolve = systemAddresses } = components;
    this.#policy = policy;
    this.#init = { ...defaults, ...init };
    this.#agents = new AgentsByTimeout((connectTimeout) => {
      const { from } = this.#init;
      const connect = guardedConnector({ policy, routes, resolve }, { connectTimeout, from });
      return new Agent({ allowH2: true, connect });
    });
  }

  async send(
    request: OutgoingRequest,
    options: RequestOptions | undefined,
    { signal }: { signal: AbortSignal },
  ): Promise<IncomingResponse> {
    const url = this.#permitted(request);
    if (this.#running >= this.#init.maximumConcurrency) {
      throw new HttpFailure({ kind: 'connection-limit-reached' });
    }
    this.#running++;
    try {
      const time = milliseconds(options?.connectTimeout) ?? this.#init.connectTimeout;
      const agent = this.#agents.within(Math.min(time, longestTimeout));
      const response = await agent.request(this.#dispatch(request, options, url, signal));
      return responseOf(response, this.#init.maximumBodySize);
    } catch (cause) {
      throw failureOf(cause);
    } finally {
      this.#running--;
    }
  }

  /** The request's URL, if the policy allows its host. */
  #permitted(request: OutgoingRequest): URL {
    const scheme = request.scheme?.kind ?? 'HTTPS';
    if (scheme === 'other') throw new HttpFailure({ kind: 'HTTP-protocol-error' });
    const text = `${scheme.toLowerCase()}://${request.authority ?? ''}`;
    if (request.authority === undefined || !URL.canParse(text)) {
      throw new HttpFailure({ kind: 'HTTP-request-URI-invalid' });
    }
    const url = new URL(text);
    if (url.username !== '' || url.password !== '' || url.pathname !== '/') {
      throw new HttpFailure({ kind: 'HTTP-request-URI-invalid' });
    }
    if (!this.#policy.allowsHost(hostOf(url), portOf(url))) {
      throw new HttpFailure({ kind: 'HTTP-request-denied' });
    }
    return url;
  }

  #dispatch(
    request: OutgoingRequest,
    options: RequestOptions | undefined,
    url: URL,
    signal: AbortSignal,
  ): Dispatcher.RequestOptions {
    return {
      origin: url.origin,
      path: request.path || '/',
      method: methodName(request.method) as Dispatcher.HttpMethod,
      headers: request.fields.entries.flatMap(({ name, value }) => [name, value]),
      body: requestBodyOf(request),
      headersTimeout: milliseconds(options?.firstByteTimeout) ?? this.#init.headersTimeout,
      bodyTimeout: milliseconds(options?.betweenBytesTimeout) ?? 0,
      responseHeaders: 'raw',
      signal,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agents.destroy();
  }
}

/** undici's agents connect in the same time for all requests: there is one for each time. */
class AgentsByTimeout {
  readonly #make: (connectTimeout: number) => Agent;
  readonly #agents = new Map<number, Agent>();

  constructor(make: (connectTimeout: number) => Agent) {
    this.#make = make;
  }

  within(connectTimeout: number): Agent {
    const known = this.#agents.get(connectTimeout);
    if (known !== undefined) return known;
    if (this.#agents.size >= mostAgents) this.#closeOldest();
    const made = this.#make(connectTimeout);
    this.#agents.set(connectTimeout, made);
    return made;
  }

  async destroy(): Promise<void> {
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.destroy()));
  }

  /** What it is doing is done first. */
  #closeOldest(): void {
    const [oldest] = this.#agents;
    if (oldest === undefined) return;
    const [time, agent] = oldest;
    this.#agents.delete(time);
    void agent.close();
  }
}

const defaults = {
  maximumConcurrency: 100,
  maximumBodySize: 1024 * 1024 * 1024,
  connectTimeout: 10_000,
  headersTimeout: 60_000,
  from: [],
};

function milliseconds(nanoseconds: bigint | undefined): number | undefined {
  if (nanoseconds === undefined) return undefined;
  return Math.max(1, Number(nanoseconds / nanosecondsPerMillisecond));
}

function responseOf(response: Dispatcher.ResponseData, limit: number): IncomingResponse {
  // Asked for raw, the headers are names and values by turns, which the types do not know.
  const raw = (response.headers as unknown as readonly (string | Buffer)[]).map(String);
  return new IncomingResponse(response.statusCode, raw, {
    stream: response.body,
    limit,
    tooLarge: { kind: 'HTTP-response-body-size', value: BigInt(limit) },
    trailers: () =>
      Object.entries(response.trailers ?? {}).map(([name, value]) => ({ name, value })),
  });
}
