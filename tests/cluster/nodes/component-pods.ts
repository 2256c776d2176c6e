import assert from 'node:assert/strict';
import path from 'node:path';
import type { NameServer } from '../../../src/wasi/component/sockets/testing/name-server.ts';
import { Kubectl } from '../server/kubectl.ts';
import { openClusterDns } from './cluster-dns.ts';
import { NodeBench } from './node-bench.ts';
import { ServiceEndpoints } from './service-endpoints.ts';

const address = process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1';

/** The image of a component of tests/fixtures/components. */
export function componentImage(name: string): string {
  return `file:${path.resolve(import.meta.dirname, `../../fixtures/components/${name}.wasm`)}`;
}

/** A container that serves HTTP on port 8080, with this component. */
export function webContainer(component: string, fields: object = {}): object {
  return {
    name: 'web',
    image: componentImage(component),
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080 }],
    ...fields,
  };
}

/** A Service of the pods that are labelled `app` by its selector, at port 80 of its address. */
export function webService(name: string, app: string, clusterIP?: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { clusterIP, selector: { app }, ports: [{ port: 80, targetPort: 'http' }] },
  };
}

/** A node that follows Services, and their names. */
export class ServiceBench implements AsyncDisposable {
  readonly bench: NodeBench;
  readonly endpoints: ServiceEndpoints;
  readonly dns: NameServer;
  readonly #resources: AsyncDisposableStack;

  /** Resolves once the Services are there; their pods may be applied then. */
  static async start(...services: readonly object[]): Promise<ServiceBench> {
    // Before there is a node: it asks only now and then whether it may follow Services.
    const administrator = new Kubectl({ namespace: 'default' });
    const { code, stderr } = await administrator.run('apply', '--filename', 'deploy');
    assert.equal(code, 0, stderr);
    await using stack = new AsyncDisposableStack();
    const bench = stack.use(await NodeBench.start({ flags: [`--cluster-dns=${address}`] }));
    await bench.apply(...services);
    const endpoints = stack.use(new ServiceEndpoints(bench.admin, bench.namespace));
    const dns = stack.use(await openClusterDns(address, bench.admin, bench.namespace, endpoints));
    return new ServiceBench({ bench, endpoints, dns }, stack.move());
  }

  constructor(
    parts: Pick<ServiceBench, 'bench' | 'endpoints' | 'dns'>,
    resources: AsyncDisposableStack,
  ) {
    this.bench = parts.bench;
    this.endpoints = parts.endpoints;
    this.dns = parts.dns;
    this.#resources = resources;
  }

  /** What a pod gets that connects to the address, a Service's name among others, and asks for a path. */
  async ask(client: string, address: string, route: string): Promise<string> {
    const { bench } = this;
    const request = `GET ${route} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n`;
    const image = componentImage('sockets');
    const args = ['tcp-client', address, request];
    await bench.create(client, [], {
      restartPolicy: 'Never',
      containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent', args }],
    });
    await bench.until(client, ({ status }) => /Succeeded|Failed/.test(status.phase ?? ''));
    return await bench.logOf(client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
