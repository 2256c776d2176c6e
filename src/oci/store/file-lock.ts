import { DatabaseSync } from 'node:sqlite';
import type { AbortOptions } from '../abort-options.ts';
import { abortable } from '../abortable.ts';
import { type Clock, systemClock } from '../clock.ts';

const busy = 5;
const pollMs = 25;

/**
 * A lock that processes share through a file. The kernel holds it and drops it with its holder,
 * however that ends, so there is no stale lock to guess about. SQLite is the way to the kernel's
 * file locks that the runtime brings on every system; the file stays, and stays empty.
 */
export class FileLock {
  readonly #file: string;
  readonly #clock: Clock;
  /** Those of this process queue here, and only the first one polls. */
  #last: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(file: string, { clock = systemClock }: { clock?: Clock } = {}) {
    this.#file = file;
    this.#clock = clock;
  }

  /** Runs an operation while no other process, nor this one, runs another under the same lock. */
  async hold<T>(operation: () => Promise<T>, options: AbortOptions = {}): Promise<T> {
    const previous = this.#last;
    using _turn = this.#queue();
    await abortable(previous, options);
    return await this.#run(operation, options);
  }

  /**
   * As `hold`, where nobody holds the lock or waits for it; otherwise nothing is run.
   *
   * @returns `undefined` where nothing was run
   */
  async tryHold<T>(operation: () => Promise<T>): Promise<T | undefined> {
    if (this.#queued > 0) return undefined;
    using _turn = this.#queue();
    using lock = new DatabaseSync(this.#file, { timeout: 0 });
    return tryLock(lock) ? await operation() : undefined;
  }

  /** Lets those who come later wait until what is answered is disposed of. */
  #queue(): Disposable {
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    const previous = this.#last;
    this.#last = previous.then(() => done);
    this.#queued++;
    return {
      [Symbol.dispose]: () => {
        this.#queued--;
        release();
      },
    };
  }

  /**
   * As `hold`, but not where it would have to wait longer than that.
   *
   * @returns whether the operation was run
   */
  async holdWithin(
    milliseconds: number,
    operation: () => Promise<void>,
    { signal }: AbortOptions = {},
  ): Promise<boolean> {
    const late = AbortSignal.timeout(milliseconds);
    const signals = signal === undefined ? [late] : [late, signal];
    let isHeld = false;
    const held = async () => {
      isHeld = true;
      await operation();
    };
    try {
      await this.hold(held, { signal: AbortSignal.any(signals) });
    } catch (error) {
      signal?.throwIfAborted();
      if (isHeld || !late.aborted) throw error;
    }
    return isHeld;
  }

  async #run<T>(operation: () => Promise<T>, options: AbortOptions): Promise<T> {
    options.signal?.throwIfAborted();
    using lock = new DatabaseSync(this.#file, { timeout: 0 });
    while (!tryLock(lock)) await this.#clock.sleep(pollMs, options);
    return await operation();
  }
}

/** Closing the database rolls back, which releases the lock. */
function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return false;
    throw error;
  }
}
