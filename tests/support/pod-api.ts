import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { ApiConnection } from '../../src/kubernetes/connection/api-connection.ts';

/** A pod as the server keeps it. */
interface StoredPod {
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly uid: string;
  };
  readonly spec?: unknown;
  readonly status?: object;
}

interface Answer {
  readonly code: number;
  readonly body: object;
}

/** The little of an API server that one namespace's pods need, and the requests it was sent. */
export class PodApi implements AsyncDisposable {
  readonly pods = new Map<string, StoredPod>();
  readonly requests: string[] = [];
  /** Awaited before a request is carried out. */
  before: (request: string) => Promise<unknown> = async () => undefined;
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));
  readonly #resources = new AsyncDisposableStack();
  #version = 1;

  static async start(): Promise<PodApi> {
    const api = new PodApi();
    await once(api.#server.listen(0, '127.0.0.1'), 'listening');
    return api;
  }

  client(): ApiClient {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const access = { server: `http://127.0.0.1:${port}`, identity: {} };
    const connection = this.#resources.use(new ApiConnection(access, { timeout: 2_000 }));
    return new ApiClient({ connection });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const name = url.split('/')[6] ?? '';
    const body = method === 'GET' ? {} : ((await json(request)) as Partial<StoredPod>);
    this.requests.push(`${method} ${name || body.metadata?.name}`);
    await this.before(method);
    const answer = this.#answer(method, name, body);
    response.writeHead(answer.code).end(JSON.stringify(answer.body));
  }

  #answer(method: string, name: string, body: Partial<StoredPod>): Answer {
    if (method === 'POST') return this.#create(body);
    const pod = this.pods.get(name);
    if (pod === undefined) return failure('NotFound', 404);
    if (method === 'DELETE') this.pods.delete(name);
    if (method !== 'PATCH') return { code: 200, body: pod };
    const status = { ...pod.status, ...body.status };
    return { code: 200, body: this.#store({ ...pod, status }) };
  }

  #create(body: Partial<StoredPod>): Answer {
    const name = body.metadata?.name ?? '';
    if (this.pods.has(name)) return failure('AlreadyExists', 409);
    const metadata = { ...body.metadata, name, uid: randomUUID() };
    return { code: 201, body: this.#store({ ...body, metadata }) };
  }

  #store(pod: StoredPod): StoredPod {
    const resourceVersion = String(++this.#version);
    const stored = { ...pod, metadata: { ...pod.metadata, resourceVersion } };
    this.pods.set(pod.metadata.name, stored);
    return stored;
  }
}

function failure(reason: string, code: number): Answer {
  return { code, body: { kind: 'Status', status: 'Failure', reason, code, message: reason } };
}
