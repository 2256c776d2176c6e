import type { IncomingMessage, ServerResponse } from 'node:http';
import { UncatchableError } from '../abi/uncatchable-error.ts';

/** A request that took longer than it may. */
export class RequestTimeout extends UncatchableError {
  override readonly name = 'RequestTimeout';
  readonly code = 'RequestTimeout';
}

/** A request whose client went away. */
export class ClientLeft extends UncatchableError {
  override readonly name = 'ClientLeft';
  readonly code = 'ClientLeft';
}

/** A request that is being answered. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Called when it is in vain to go on: the client has left, or the time is up. */
  onAbort: ((reason: ClientLeft | RequestTimeout) => void) | undefined;
}

interface Running extends Exchange {
  /** Where it is among the others. */
  index: number;
  checksLeft: number;
}

export interface RunningExchangesInit {
  /** Milliseconds that an exchange may take; it gets up to a thirtieth more. */
  readonly timeout: number;
  /**
   * Ends the process when it has computed for so many milliseconds from now on; 0 lifts that. Called again and
   * again, as long as nothing computes on when its time has long been up: nothing else could end that.
   */
  readonly limitComputing?: ((milliseconds: number) => void) | undefined;
}

/** Milliseconds after which one that computes will not give up any more. */
const grace = 1000;
/** How often it is checked within the time that a request may take, whether that is over. */
const checks = 30;
/** The longest interval there is: a timer for longer goes off at once. */
const longestInterval = 2 ** 31 - 1;

/**
 * The requests that are being answered. One timer looks after all of them, and there is none while
 * there are no requests: a timer for each is a twentieth of a small request's time.
 */
export class RunningExchanges {
  readonly #all: Running[] = [];
  readonly #checkInterval: number;
  readonly #mostComputing: number;
  readonly #limitComputing: ((milliseconds: number) => void) | undefined;
  #limitedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor({ timeout, limitComputing }: RunningExchangesInit) {
    this.#checkInterval = Math.min(timeout / checks, longestInterval);
    this.#mostComputing = timeout + grace;
    this.#limitComputing = limitComputing;
  }

  get all(): readonly Exchange[] {
    return this.#all;
  }

  begin(request: IncomingMessage, response: ServerResponse): Exchange {
    const index = this.#all.length;
    const exchange: Running = {
      request,
      response,
      onAbort: undefined,
      index,
      checksLeft: checks + 1,
    };
    response.on('close', () => {
      if (!response.writableFinished) exchange.onAbort?.(new ClientLeft('The client went away'));
    });
    this.#all.push(exchange);
    this.#timer ??= setInterval(() => this.#check(), this.#checkInterval).unref();
    if (this.#limitComputing) this.#goOn();
    return exchange;
  }

  end(exchange: Exchange): void {
    exchange.onAbort = undefined;
    if (this.#limitComputing) this.#goOn();
    const last = this.#all.pop();
    const { index } = exchange as Running; // begin() makes no others
    if (last === undefined || last === exchange) return;
    this.#all[index] = last;
    last.index = index;
  }

  /** Not each time: a call of the system's is a part of a small request's time. */
  #goOn(): void {
    const now = performance.now();
    if (now - this.#limitedAt < this.#checkInterval) return;
    this.#limitedAt = now;
    this.#limitComputing?.(this.#mostComputing + this.#checkInterval);
  }

  #check(): void {
    if (this.#all.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#limitedAt = -Infinity;
      this.#limitComputing?.(0);
      return;
    }
    this.#goOn();
    for (const exchange of [...this.#all]) {
      exchange.checksLeft -= 1;
      if (exchange.checksLeft !== 0) continue;
      exchange.onAbort?.(new RequestTimeout('The request took too long'));
    }
  }
}
