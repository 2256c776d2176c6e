import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

export interface HttpLoadInit {
  /** Whom to ask now, as `address:port`. */
  readonly endpoints: () => readonly string[];
  readonly path: string;
  /** Requests on their way at once. */
  readonly workers: number;
}

/** Asks endpoints in turn, again and again, until it is disposed of. */
export class HttpLoad implements AsyncDisposable {
  /** What went wrong with requests. */
  readonly failures: string[] = [];
  readonly #init: HttpLoadInit;
  readonly #agent = new Agent();
  readonly #answers = new Map<string, number>();
  readonly #workers: readonly Promise<void>[];
  #isOver = false;
  #turn = 0;

  constructor(init: HttpLoadInit) {
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
      const ready = this.#init.endpoints();
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
      const text = await body.text();
      if (statusCode !== 200) this.failures.push(`${endpoint} answered ${statusCode}: ${text}`);
      this.#answers.set(endpoint, (this.#answers.get(endpoint) ?? 0) + 1);
    } catch (error) {
      this.failures.push(`${endpoint}: ${error}`);
    }
  }
}
