import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ServiceEndpoints } from './service-endpoints.ts';

export interface ServiceLoadInit {
  readonly service: string;
  readonly path: string;
  /** Requests on their way at once. */
  readonly workers: number;
}

/** Asks the ready endpoints of a Service in turn, again and again, until it is disposed of. */
export class ServiceLoad implements AsyncDisposable {
  /** What went wrong with requests. */
  readonly failures: string[] = [];
  readonly #endpoints: ServiceEndpoints;
  readonly #init: ServiceLoadInit;
  readonly #agent = new Agent();
  readonly #answers = new Map<string, number>();
  readonly #workers: readonly Promise<void>[];
  #isOver = false;
  #turn = 0;

  constructor(endpoints: ServiceEndpoints, init: ServiceLoadInit) {
    this.#endpoints = endpoints;
    this.#init = init;
    this.#workers = Array.from({ length: init.workers }, () => this.#work());
  }

  /** How many requests each endpoint has answered. */
  get answers(): ReadonlyMap<string, number> {
    return this.#answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
    await this.#agent.close();
  }

  async #work(): Promise<void> {
    while (!this.#isOver) {
      const ready = this.#endpoints.of(this.#init.service);
      const endpoint = ready[this.#turn % ready.length];
      this.#turn += 1;
      if (endpoint !== undefined) {
        await this.#ask(endpoint);
      } else {
        this.failures.push('no endpoint is ready');
        await sleep(50);
      }
    }
  }

  async #ask(endpoint: string): Promise<void> {
    try {
      const url = `http://${endpoint}${this.#init.path}`;
      const { statusCode, body } = await request(url, { dispatcher: this.#agent });
      await body.dump();
      if (statusCode !== 200) this.failures.push(`${endpoint} answered ${statusCode}`);
      this.#answers.set(endpoint, (this.#answers.get(endpoint) ?? 0) + 1);
    } catch (error) {
      this.failures.push(`${endpoint}: ${error}`);
    }
  }
}
