import type { Dispatcher } from 'undici';
import { HttpFailure } from './error-code.ts';

type Handler = Dispatcher.DispatchHandler;

/**
 * Sends a request that fails where it has no connection in time. By its signal alone undici would wait
 * for the connection first.
 *
 * @param milliseconds until it is sent; a connection that is there already costs none
 */
export async function requestWithin(
  agent: Dispatcher,
  options: Dispatcher.RequestOptions,
  milliseconds: number,
): Promise<Dispatcher.ResponseData> {
  const late = new AbortController();
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const failure = new HttpFailure({ kind: 'connection-timeout' });
    reject(failure);
    late.abort(failure);
  }, milliseconds);
  const noting = agent.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, new StartNote(handler, () => clearTimeout(timer))),
  );
  const given = options.signal instanceof AbortSignal ? [options.signal] : [];
  const signal = AbortSignal.any([...given, late.signal]);
  try {
    return await Promise.race([noting.request({ ...options, signal }), never]);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls `onStart` when a request has its connection, and hands on everything. */
class StartNote implements Handler {
  readonly #handler: Handler;
  readonly #onStart: () => void;

  constructor(handler: Handler, onStart: () => void) {
    this.#handler = handler;
    this.#onStart = onStart;
  }

  onRequestStart(...args: Parameters<NonNullable<Handler['onRequestStart']>>): void {
    this.#onStart();
    this.#handler.onRequestStart?.(...args);
  }

  onRequestUpgrade(...args: Parameters<NonNullable<Handler['onRequestUpgrade']>>): void {
    this.#handler.onRequestUpgrade?.(...args);
  }

  onResponseStart(...args: Parameters<NonNullable<Handler['onResponseStart']>>): void {
    this.#handler.onResponseStart?.(...args);
  }

  onResponseData(...args: Parameters<NonNullable<Handler['onResponseData']>>): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: Parameters<NonNullable<Handler['onResponseEnd']>>): void {
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<NonNullable<Handler['onResponseError']>>): void {
    this.#handler.onResponseError?.(...args);
  }
}
