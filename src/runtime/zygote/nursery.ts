import {
  announceContainer,
  claimContainer,
  holdContainer,
  identify,
} from '../container/announce-container.ts';
import { messageOf } from '../container/start-report.ts';
import { ContainerStartError } from '../container-starter.ts';
import type { ContainerChild } from './container-child.ts';
import type { ForkServer } from './fork-server.ts';
import { ForkedChild } from './forked-child.ts';
import type { Reaper } from './reaper.ts';
import type { StartRequest } from './zygote-protocol.ts';

export interface NurseryComponents {
  readonly reaper: Reaper;
  /** Makes the process that forks; again, where that has ended. @throws where it cannot */
  readonly makeForkServer: () => ForkServer;
}

/**
 * Keeps one forked child ahead of the demand: most of what a start takes, the fork and the faults
 * of the first pages, then lies behind it.
 */
export class Nursery implements Disposable {
  readonly #components: NurseryComponents;
  #forkServer: ForkServer | undefined;
  #spare: ForkedChild | undefined;

  constructor(components: NurseryComponents) {
    this.#components = components;
  }

  /** Forks the spare child, unless there is one. Where it cannot, the next start says why. */
  refill(): void {
    if (this.#spare?.ended) this.#take()?.discard();
    try {
      this.#spare ??= this.#fork();
    } catch {
      // nobody has asked for this one
    }
  }

  /**
   * A container process: the spare child, or one that is forked now.
   *
   * @throws {ContainerStartError} where it cannot become this container
   */
  child({ directory, cgroups, held }: StartRequest): ContainerChild {
    if (this.#spare?.ended || this.#forkServer?.hasWarmedUp()) this.#take()?.discard();
    const child = this.#take() ?? this.#fork();
    try {
      const { pid } = child;
      if (held) {
        const identity = identify(pid);
        holdContainer(cgroups, pid);
        return child.become({ directory, identity, held }, () =>
          claimContainer(directory, identity),
        );
      }
      const identity = announceContainer({ directory, cgroups, pid });
      return child.become({ directory, identity });
    } catch (error) {
      child.discard();
      throw new ContainerStartError('PreparationFailed', messageOf(error), { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#take()?.discard();
    this.#forkServer?.[Symbol.dispose]();
  }

  #fork(): ForkedChild {
    const forkServer = this.#livingForkServer();
    return new ForkedChild({ forkServer, reaper: this.#components.reaper });
  }

  #livingForkServer(): ForkServer {
    if (this.#forkServer?.ended) {
      this.#forkServer[Symbol.dispose]();
      this.#forkServer = undefined;
    }
    this.#forkServer ??= this.#components.makeForkServer();
    return this.#forkServer;
  }

  #take(): ForkedChild | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }
}
