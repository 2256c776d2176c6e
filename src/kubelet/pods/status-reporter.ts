import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Backoff } from '../../krator/queue/backoff.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { Doorbell } from '../doorbell.ts';
import type { PodStatus } from './schema/pod-status.ts';

/** How long news that a pod is being made may wait for better news, in milliseconds. */
const patience = 1_000;
/** Made once: an abort without a reason makes one, with a stack, for every pod that starts. */
const enough = new Error('waited enough');

export interface StatusReporterComponents {
  /** The status now, given the one before. */
  compute(previous: PodStatus): PodStatus;
  /** Writes a status where the source has another one; may fail and is tried again. */
  write(status: PodStatus, signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
}

/**
 * Writes a pod's status whenever it changed: one write at a time, changes that come meanwhile
 * together, nothing where nothing changed.
 */
export class StatusReporter {
  readonly #components: StatusReporterComponents;
  readonly #doorbell = new Doorbell();
  readonly #backoff = new Backoff({ firstDelay: 200, maxDelay: 30_000, jitter: 0.5 });
  #computed: PodStatus;
  #written: PodStatus | undefined;
  #settled = Promise.withResolvers<void>();

  /** @param current the status that the pod's source has */
  constructor(components: StatusReporterComponents, current: PodStatus) {
    this.#components = components;
    this.#computed = current;
  }

  /** The newest status, written or not. */
  get current(): PodStatus {
    return this.#computed;
  }

  /** Says that something changed that a status is computed from. */
  changed(): void {
    const next = this.#components.compute(this.#computed);
    if (isDeepStrictEqual(next, this.#computed)) return;
    this.#computed = next;
    this.#doorbell.ring();
  }

  /**
   * Says that the source has another version of the pod, which need not have the status that was
   * written: others write statuses too, such as who thinks that the node is gone.
   */
  sourceChanged(): void {
    this.changed();
    this.#written = undefined;
    this.#doorbell.ring();
  }

  /** Writes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#doorbell.wait({ signal });
      await this.#waitForMore(signal);
      // What follows at once from what has changed is written with it.
      await setImmediate();
      if (!signal.aborted) await this.#write(signal);
    }
  }

  /** Resolves when the newest status is written, or when the signal aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#written !== this.#computed) {
      this.#doorbell.ring();
      const aborted = Promise.withResolvers<void>();
      const abort = () => aborted.resolve();
      signal.addEventListener('abort', abort, { once: true });
      await Promise.race([this.#settled.promise, aborted.promise]);
      signal.removeEventListener('abort', abort);
    }
  }

  async #write(signal: AbortSignal): Promise<void> {
    const status = this.#computed;
    if (status === this.#written) return;
    try {
      await this.#components.write(status, signal);
      this.#written = status;
      this.#backoff.reset();
    } catch (_error) {
      if (signal.aborted) return;
      this.#doorbell.ring();
      await this.#sleep(this.#backoff.next(), signal);
    }
    const { resolve } = this.#settled;
    this.#settled = Promise.withResolvers();
    resolve();
  }

  /** A pod that starts quickly is then written as running at once. */
  async #waitForMore(signal: AbortSignal): Promise<void> {
    if (!isBeingMade(this.#computed)) return;
    const over = new AbortController();
    const inner = AbortSignal.any([signal, over.signal]);
    const sleeping = this.#sleep(patience, inner).then(() => over.abort(enough));
    while (isBeingMade(this.#computed) && !inner.aborted) {
      await this.#doorbell.wait({ signal: inner });
    }
    over.abort(enough);
    await sleeping;
  }

  async #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#components.clock.sleep(milliseconds, { signal }).catch((reason: unknown) => {
      if (!signal.aborted) throw reason;
    });
  }
}

/** Pending, and nothing that a person would want to know of yet. */
function isBeingMade({ phase, initContainerStatuses, containerStatuses }: PodStatus): boolean {
  const usual = ['ContainerCreating', 'PodInitializing'];
  return (
    phase === 'Pending' &&
    [...initContainerStatuses, ...containerStatuses].every(
      ({ state }) => state.waiting?.reason !== undefined && usual.includes(state.waiting.reason),
    )
  );
}
