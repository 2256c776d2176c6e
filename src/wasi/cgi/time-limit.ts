import { createContext, Script } from 'node:vm';
import { UncatchableError } from '../component/abi/uncatchable-error.ts';
import { clock } from '../system/clocks.ts';
import type { System } from '../system/system.ts';

const nanosecondsPerMillisecond = 1_000_000n;

/** A call that took longer than it may. */
export class TimeLimitError extends UncatchableError {
  override readonly name = 'TimeLimitError';
  readonly code = 'TimeLimit';
}

/** Ends calls of guests that take too long: those that compute, and those that wait. */
export class TimeLimit {
  readonly #milliseconds: number;
  readonly #global: { call: (() => unknown) | undefined } = { call: undefined };
  readonly #context = createContext(this.#global);
  readonly #script = new Script('call()');

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /**
   * Calls, and gives what was returned. A guest that computes is ended from outside: nothing of the
   * call's own runs then any more, not even `finally`.
   *
   * @throws {TimeLimitError}
   */
  run<T>(call: () => T): T {
    const result: { value?: T } = {};
    this.#global.call = () => {
      result.value = call();
    };
    try {
      this.#script.runInContext(this.#context, { timeout: this.#milliseconds });
    } catch (error) {
      if (!isTimeout(error)) throw error;
      throw new TimeLimitError('The request took too long', { cause: error });
    }
    // The call has returned, so there is its value.
    return result.value as T;
  }

  /** A system whose waits end when the time is up, which no code can be ended in. */
  bound(system: System): System {
    const { clocks, poller } = system;
    const now = () => clocks.now(clock.monotonic);
    const deadline = now() + BigInt(this.#milliseconds) * nanosecondsPerMillisecond;
    return {
      ...system,
      poller: {
        bytesReadable: (handle) => poller.bytesReadable(handle),
        wait(interests, timeout) {
          const left = deadline - now();
          const isShort = timeout !== undefined && timeout < left;
          const ready = poller.wait(interests, isShort ? timeout : left > 0n ? left : 0n);
          if (ready === 0 && !isShort) throw new TimeLimitError('The request took too long');
          return ready;
        },
      },
    };
  }
}

/** An error of the context that was ended: no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error && error.code;
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
