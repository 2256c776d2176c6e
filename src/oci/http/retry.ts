import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';

export interface RetryInit {
  /** How often it is tried in all. @default 5 */
  readonly attempts?: number;
  /** First pause in milliseconds; each further one is twice as long. @default 250 */
  readonly baseDelayMs?: number;
  /** Longest pause in milliseconds. @default 30_000 */
  readonly maxDelayMs?: number;
  readonly clock?: Clock;
  /** From 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

export interface RetryHints {
  /** How long the other side asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Which part of all patience the attempt has taken, from 0 to 1. @default 0 */
  readonly patience?: number | undefined;
}

/** Thrown by an operation that may succeed later; `cause` is what happened. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly hints: RetryHints;

  constructor(cause: Error, hints: RetryHints = {}) {
    super(cause.message, { cause });
    this.hints = hints;
  }
}

/**
 * Runs an operation until it succeeds, fails for good, or was tried often or long enough. Pauses
 * double, and half of each is random, so that many who failed together do not return together. When
 * the other side asks to wait for more than `maxDelayMs`, it fails at once.
 *
 * @throws What the last attempt threw; for a `RetryableError` its cause.
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  init: RetryInit = {},
  { signal }: AbortOptions = {},
): Promise<T> {
  const { attempts = 5, maxDelayMs = 30_000, clock = systemClock } = init;
  let taken = 0;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      const delay = error.hints.retryAfterMs ?? backoff(attempt, init, maxDelayMs);
      taken += error.hints.patience ?? 0;
      if (attempt >= attempts || delay > maxDelayMs || taken >= 1) throw error.cause;
      await clock.sleep(delay, signal === undefined ? {} : { signal });
    }
  }
}

function backoff(attempt: number, init: RetryInit, maxDelayMs: number): number {
  const { baseDelayMs = 250, random = Math.random } = init;
  const ceiling = Math.min(baseDelayMs * 2 ** (attempt - 1), maxDelayMs);
  return ceiling / 2 + random() * (ceiling / 2);
}

/**
 * Milliseconds that a Retry-After header asks for: a number of seconds or a date.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
