import { Channel } from './channel.ts';

/** A stream that is at its end. */
export function emptyChannel<T>(): Channel<T> {
  return new Channel<T>({ produce: () => undefined, cancel() {} });
}

/** A future that has its value, or will have it; the promise must not reject. */
export function futureOf<T>(value: T | Promise<T>): Channel<T> {
  return new Channel<T>({
    produce: () => (value instanceof Promise ? value.then((it) => [it]) : [value]),
    cancel() {},
  });
}
