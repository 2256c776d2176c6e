import type { AbortOptions } from '../abort-options.ts';
import { abortable } from '../abortable.ts';

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly controller: AbortController;
  passengers: number;
}

/**
 * Lets those who want the same thing at the same time share one operation. It is aborted when the
 * last of them has given up, not when the first one does.
 */
export class SharedFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Joins the operation under this key, or starts it. */
  async join(
    key: string,
    operation: (options: { signal: AbortSignal }) => Promise<T>,
    options: AbortOptions = {},
  ): Promise<T> {
    options.signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#depart(key, operation);
    flight.passengers++;
    try {
      return await abortable(flight.promise, options);
    } finally {
      flight.passengers--;
      if (flight.passengers === 0 && this.#flights.get(key) === flight) {
        // Whoever comes now starts anew: an operation that is aborted has nothing for them.
        this.#flights.delete(key);
        flight.controller.abort(options.signal?.reason);
      }
    }
  }

  #depart(key: string, operation: (options: { signal: AbortSignal }) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const promise = operation({ signal: controller.signal }).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    const flight: Flight<T> = { promise, controller, passengers: 0 };
    this.#flights.set(key, flight);
    return flight;
  }
}
