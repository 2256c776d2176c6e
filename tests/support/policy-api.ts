import { once } from 'node:events';
import http from 'node:http';
import { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { ApiConnection } from '../../src/kubernetes/connection/api-connection.ts';

/** The kinds that NetworkPolicies are about, as URLs name them. */
export type PolicyKind = 'networkpolicies' | 'namespaces' | 'pods';

interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: object;
  };
  readonly spec?: object;
  readonly status?: object;
}

/** The little of an API server that says what policies, namespaces and pods a cluster has. */
export class PolicyApi implements AsyncDisposable {
  readonly #objects: Record<PolicyKind, Map<string, ApiObject>> = {
    networkpolicies: new Map(),
    namespaces: new Map(),
    pods: new Map(),
  };
  /** All that has happened, for those who watch from an earlier version on. */
  readonly #history: {
    readonly version: number;
    readonly kind: PolicyKind;
    readonly line: string;
  }[] = [];
  readonly #watchers: Record<PolicyKind, Set<http.ServerResponse>> = {
    networkpolicies: new Set(),
    namespaces: new Set(),
    pods: new Set(),
  };
  readonly #server = http.createServer((request, response) => this.#serve(request, response));
  readonly #resources = new AsyncDisposableStack();
  /** Whether the node may watch them. */
  isPermitted = true;
  #version = 1;

  static async start(): Promise<PolicyApi> {
    const api = new PolicyApi();
    await once(api.#server.listen(0, '127.0.0.1'), 'listening');
    return api;
  }

  client(): ApiClient {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const access = { server: `http://127.0.0.1:${port}`, identity: {} };
    return new ApiClient({ connection: this.#resources.use(new ApiConnection(access)) });
  }

  /** Adds an object, or takes it for the one of its name, and tells those who watch. */
  put(kind: PolicyKind, object: ApiObject): void {
    const key = keyOf(object);
    const type = this.#objects[kind].has(key) ? 'MODIFIED' : 'ADDED';
    const stored = this.#versioned(object);
    this.#objects[kind].set(key, stored);
    this.#tell(kind, type, stored);
  }

  remove(kind: PolicyKind, object: ApiObject): void {
    this.#objects[kind].delete(keyOf(object));
    this.#tell(kind, 'DELETED', this.#versioned(object));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  #versioned(object: ApiObject): ApiObject {
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    return { ...object, metadata };
  }

  #tell(kind: PolicyKind, type: string, object: ApiObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.#history.push({ version: this.#version, kind, line });
    for (const watcher of this.#watchers[kind]) watcher.write(line);
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    if (request.method === 'POST') {
      request.resume();
      response.end(JSON.stringify({ status: { allowed: this.isPermitted } }));
      return;
    }
    const kind = pathname.slice(pathname.lastIndexOf('/') + 1) as PolicyKind;
    if (searchParams.get('watch') === null) {
      const items = [...this.#objects[kind].values()];
      const metadata = { resourceVersion: String(this.#version) };
      response.end(JSON.stringify({ metadata, items }));
      return;
    }
    this.#watchers[kind].add(response);
    response.on('close', () => this.#watchers[kind].delete(response));
    response.flushHeaders();
    const from = Number(searchParams.get('resourceVersion'));
    for (const { version, kind: of, line } of this.#history) {
      if (of === kind && version > from) response.write(line);
    }
  }
}

function keyOf({ metadata: { namespace = '', name } }: ApiObject): string {
  return `${namespace}/${name}`;
}
