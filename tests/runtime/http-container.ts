import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ContainerSpec, HttpServingSpec } from '../../src/runtime/container-spec.ts';
import type { RunningContainer } from '../../src/runtime/running-container.ts';
import { freePort } from '../support/free-port.ts';
import type { TestRuntime } from './test-runtime.ts';

const clients = 12;
/** What keeps a container busier than its clients: some milliseconds of work, and a short answer. */
const work = 'allocate/4000000';
/** Hundredths of a second of the processor after which a thread is warm, and keeps its connections. */
const warm = 170;
/** What a container may take until it is as busy as is waited for, in milliseconds. */
const longest = 60_000;

export interface HttpContainerInit {
  /** Where it listens. @default 127.0.0.1 */
  readonly address?: string;
  readonly serving?: HttpServingSpec;
  /** Whether the program is a module that answers as CGI programs do. @default false */
  readonly cgi?: boolean;
  readonly changes?: Partial<ContainerSpec>;
}

export interface HttpAnswer {
  readonly status: number | undefined;
  readonly body: string;
}

/** A container that serves HTTP, and its clients. */
export class HttpContainer implements AsyncDisposable {
  readonly container: RunningContainer;
  readonly address: string;
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #atRest: ReadonlySet<string>;

  static async start(
    test: TestRuntime,
    program: string,
    { address = '127.0.0.1', serving = {}, cgi, changes = {} }: HttpContainerInit = {},
  ): Promise<HttpContainer> {
    const port = await freePort(address);
    const http = { listen: { address, port }, egress: [], serving, ...(cgi && { cgi }) };
    const container = await test.runtime.start(test.spec(program, { http, ...changes }));
    return new HttpContainer(container, { address, port });
  }

  constructor(
    container: RunningContainer,
    { address, port }: { readonly address: string; readonly port: number },
  ) {
    this.container = container;
    this.address = address;
    this.port = port;
    this.#atRest = new Set(this.#allThreads());
  }

  /** The threads that it has started since it runs. */
  get threads(): readonly string[] {
    return this.#allThreads().filter((thread) => !this.#atRest.has(thread));
  }

  /** Keeps it busy until so many threads answer its requests, and it does not itself. */
  async busyThreads(count: number, route = work): Promise<void> {
    const areWarm = () =>
      this.threads.length === count && this.threads.every((each) => this.#ticks(each) >= warm);
    await this.busyUntil(areWarm, route);
  }

  /** Asks by several clients at once, at least once each. @throws where it takes too long */
  async busyUntil(isEnough: () => boolean, route = work): Promise<void> {
    const end = performance.now() + longest;
    const client = async () => {
      do await this.ask(route);
      while (!isEnough() && performance.now() < end);
    };
    await Promise.all(Array.from({ length: clients }, client));
    if (!isEnough()) throw new Error(`It has ${this.threads.length} threads after ${longest} ms`);
  }

  async ask(route: string, body?: string, from?: string): Promise<HttpAnswer> {
    const origin =
      from === undefined ? { agent: this.#agent } : { localAddress: from, agent: false };
    return await this.#ask(route, body, origin);
  }

  /** So many questions one after another, over one connection. */
  async *askInTurn(count: number, route: string): AsyncGenerator<HttpAnswer> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let asked = 0; asked < count; asked++) {
        yield await this.#ask(route, undefined, { agent });
      }
    } finally {
      agent.destroy();
    }
  }

  async #ask(
    route: string,
    body: string | undefined,
    origin: Pick<RequestOptions, 'agent' | 'localAddress'>,
  ): Promise<HttpAnswer> {
    const method = body === undefined ? 'GET' : 'POST';
    const { address: host, port } = this;
    const sent = request({ host, port, path: `/${route}`, method, ...origin });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, body: await text(response) };
  }

  /** The same question by as many clients at once. */
  async askAll(count: number, route: string): Promise<readonly HttpAnswer[]> {
    return await Promise.all(Array.from({ length: count }, () => this.ask(route)));
  }

  /** A connection that has sent these bytes. */
  open(bytes: string): Socket {
    const socket = connect({ host: this.address, port: this.port });
    socket.on('error', () => {}); // being cut is what tests are about
    socket.write(Buffer.from(bytes, 'latin1'));
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.container.stop(0);
  }

  /** What the kernel says of a thread's identity, rights and turns. */
  statusOf(thread: string): string {
    return readFileSync(`/proc/${this.container.pid}/task/${thread}/status`, 'latin1');
  }

  /** How often a thread has gone to sleep. */
  sleepsOf(thread: string): number {
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(this.statusOf(thread))?.[1]);
  }

  /** Kilobytes that it has for itself. */
  privateMemory(): number {
    const rollup = readFileSync(`/proc/${this.container.pid}/smaps_rollup`, 'utf8');
    return Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup)?.[1]);
  }

  #allThreads(): string[] {
    return readdirSync(`/proc/${this.container.pid}/task`);
  }

  /** Processor time of a thread, in hundredths of a second; nought where it has ended. */
  #ticks(thread: string): number {
    try {
      const stat = readFileSync(`/proc/${this.container.pid}/task/${thread}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
      throw error;
    }
  }
}
