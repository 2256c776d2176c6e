import { type Clock, systemClock } from '../clock.ts';
import { containerFiles } from '../state/container-directory.ts';
import type { ExitRecord } from '../state/exit-record.ts';
import { awaitExitRecord } from './await-exit-record.ts';
import { processDeath } from './death-watch.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { signalGroup } from './signal-group.ts';

export interface ContainerProcessInit {
  readonly directory: string;
  readonly identity: ProcessIdentity;
  readonly startedAt: Date;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** A container's process: nobody's child here, known by its pid, start time and directory. */
export class ContainerProcess implements Disposable {
  readonly identity: ProcessIdentity;
  readonly startedAt: Date;
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #watching = new AbortController();
  #ended: Promise<ExitRecord> | undefined;

  constructor(init: ContainerProcessInit) {
    this.identity = init.identity;
    this.startedAt = init.startedAt;
    this.#directory = init.directory;
    this.#clock = init.clock ?? systemClock;
  }

  /**
   * Resolves when the process has ended and its exit record is written; rejects when the object
   * is disposed of before, or the record cannot be read.
   */
  ended(): Promise<ExitRecord> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<ExitRecord> {
    const { signal } = this.#watching;
    await processDeath(this.identity, containerFiles(this.#directory).alive, signal);
    return await awaitExitRecord(this.#directory, this.startedAt, this.#clock, signal);
  }

  /** Signals the process group; `false` where the process has ended. */
  signal(signal: NodeJS.Signals): boolean {
    return signalGroup(this.identity, signal);
  }

  /**
   * Asks the process group to end (SIGTERM) and ends it (SIGKILL) after `graceSeconds`. Resolves
   * when the process has ended. Of several calls the one whose grace ends first kills.
   */
  async stop(
    graceSeconds: number,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ExitRecord> {
    const ended = this.ended();
    if (graceSeconds > 0) {
      this.signal('SIGTERM');
      await this.#grace(ended, graceSeconds * 1_000, options.signal);
    }
    this.signal('SIGKILL');
    return await ended;
  }

  async #grace(ended: Promise<unknown>, milliseconds: number, signal?: AbortSignal): Promise<void> {
    const over = new AbortController();
    const wait = AbortSignal.any(signal ? [over.signal, signal] : [over.signal]);
    try {
      await Promise.race([ended, this.#clock.sleep(milliseconds, { signal: wait })]);
    } finally {
      over.abort();
    }
  }

  /** Stops watching; the process goes on. */
  [Symbol.dispose](): void {
    this.#watching.abort(new Error('Stopped watching the container'));
  }
}
