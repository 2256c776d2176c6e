import { done, error, type Result } from '../../abi/variants.ts';
import type { Channel } from '../../async/channel.ts';
import { futureOf } from '../../async/host-channel.ts';
import type { ErrorCode } from '../../http/error-code.ts';

/** How the transmission of a guest's message ends, which the guest may wait for. */
export class Transmission {
  readonly #outcome = Promise.withResolvers<Result<undefined, ErrorCode>>();

  /** For the guest. */
  get future(): Channel<Result<undefined, ErrorCode>> {
    return futureOf(this.#outcome.promise);
  }

  /** Only the first outcome counts. */
  settle(outcome: Result<undefined, ErrorCode>): void {
    this.#outcome.resolve(outcome);
  }

  succeed(): void {
    this.settle(done);
  }

  fail(code: ErrorCode): void {
    this.settle(error(code));
  }
}
