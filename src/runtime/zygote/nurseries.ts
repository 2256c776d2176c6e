import type { ContainerChild } from './container-child.ts';
import { ForkServer, type ForkServerComponents } from './fork-server.ts';
import { Nursery } from './nursery.ts';
import type { StartRequest } from './zygote-protocol.ts';

/**
 * Where a zygote's forked containers come from: those that block their process while they run, and
 * those that run on the event loop, whose fork server is larger, and is made when the first is asked
 * for.
 */
export class Nurseries implements Disposable {
  readonly #first: ForkServer;
  readonly #blocking: Nursery;
  readonly #eventLoop: Nursery;
  #eventLoopIsUsed = false;

  /** For a zygote that has begun nothing on its event loop. Resolves in the zygote alone. */
  static async open(components: ForkServerComponents): Promise<Nurseries> {
    return new Nurseries(components, await ForkServer.first(components));
  }

  /** @param first what {@link ForkServer.first} has made */
  constructor(components: ForkServerComponents, first: ForkServer) {
    const { reaper } = components;
    this.#first = first;
    const again = () => (first.ended ? ForkServer.again(components) : first);
    this.#blocking = new Nursery({ reaper, makeForkServer: again });
    this.#eventLoop = new Nursery({ reaper, makeForkServer: () => first.forEventLoops() });
  }

  /** A container process; undefined where this one cannot be forked any more. */
  child(request: StartRequest): ContainerChild | undefined {
    if (!request.eventLoop) return this.#blocking.child(request);
    if (this.#first.ended) return undefined;
    this.#eventLoopIsUsed = true;
    return this.#eventLoop.child(request);
  }

  /** Prepares the next starts. */
  refill(): void {
    this.#blocking.refill();
    if (this.#eventLoopIsUsed) this.#eventLoop.refill();
  }

  [Symbol.dispose](): void {
    this.#eventLoop[Symbol.dispose]();
    this.#blocking[Symbol.dispose]();
  }
}
