import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServingSpec } from '../../src/runtime/container-spec.ts';
import { prepareComponent } from '../../src/wasi/component/prepared-component.ts';
import { encodePrepared } from '../../src/wasi/component/prepared-file.ts';
import { TestRuntime } from '../../tests/runtime/test-runtime.ts';

/** Somebody who serves HTTP with a component. */
export interface HttpPeer {
  readonly name: string;
  /** Serves it until it is disposed of. */
  serve(component: string): Promise<HttpService>;
}

export interface HttpService extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** Milliseconds from the start to the first answer. */
  readonly firstAnswer: number;
}

const host = '127.0.0.1';
let lastPort = 18_480;
/** Milliseconds in which a node rehearses that has had its first container that serves HTTP. */
const rehearsal = 5_000;

/**
 * A container in its sandbox, as pods have it, of a component that was prepared when it was pulled, on a node that has
 * another, idle one.
 */
export class KrustletPeer implements HttpPeer, AsyncDisposable {
  readonly name: string;
  readonly #serving: HttpServingSpec;
  readonly #test = new TestRuntime();
  readonly #prepared = new Map<string, string>();
  /** A node that has none for a while begins anew with the next. */
  #neighbour: HttpService | undefined;

  constructor(name: string, serving: HttpServingSpec = {}) {
    this.name = name;
    this.#serving = serving;
  }

  async serve(component: string): Promise<HttpService> {
    if (this.#neighbour === undefined) {
      this.#neighbour = await this.#start(component);
      await sleep(rehearsal);
    }
    return await this.#start(component);
  }

  async #start(component: string): Promise<HttpService> {
    const preparedPath = this.#prepared.get(component) ?? this.#prepare(component);
    const port = lastPort++;
    const http = { listen: { address: host, port }, serving: this.#serving, egress: [] };
    const spec = this.#test.spec(component, { preparedPath, http });
    const start = performance.now();
    const container = await this.#test.runtime.start(spec);
    const url = `http://${host}:${port}`;
    await answer(url);
    const firstAnswer = performance.now() - start;
    if (container.pid === undefined) throw new Error('The container has ended');
    const stop = async () => {
      await container.stop(0);
    };
    return { pid: container.pid, url, firstAnswer, [Symbol.asyncDispose]: stop };
  }

  #prepare(component: string): string {
    const file = path.join(this.#test.dataDir, `prepared-${this.#prepared.size}`);
    writeFileSync(file, encodePrepared(prepareComponent(readFileSync(component))));
    this.#prepared.set(component, file);
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#neighbour?.[Symbol.asyncDispose]();
    await this.#test[Symbol.asyncDispose]();
  }
}

/** `wasmtime serve`, with options of its own. */
export class WasmtimePeer implements HttpPeer {
  readonly name: string;
  readonly #program: string;
  readonly #options: readonly string[];

  constructor(name: string, program: string, options: readonly string[] = []) {
    this.name = name;
    this.#program = program;
    this.#options = options;
  }

  async serve(component: string): Promise<HttpService> {
    const address = `${host}:${lastPort++}`;
    const args = ['serve', '-S', 'cli=y', ...this.#options, '--addr', address, component];
    const start = performance.now();
    const server = spawn(this.#program, args, { stdio: 'ignore' });
    await once(server, 'spawn');
    const url = `http://${address}`;
    await answer(url);
    const firstAnswer = performance.now() - start;
    const stop = async () => {
      server.kill('SIGKILL');
      await once(server, 'exit');
    };
    return { pid: Number(server.pid), url, firstAnswer, [Symbol.asyncDispose]: stop };
  }
}

async function answer(url: string): Promise<void> {
  for (let attempt = 0; attempt < 60_000; attempt++) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await sleep(1);
    }
  }
  throw new Error(`Nothing answers at '${url}'`);
}
