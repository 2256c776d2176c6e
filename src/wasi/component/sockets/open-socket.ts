import type { System } from '../../system/system.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { handleReadiness } from '../io/handle-readiness.ts';
import type { Readiness } from '../io/readiness.ts';
import type { GuestNetwork } from './guest-network.ts';

/**
 * A socket of the system; closed when the last of the guest's resources that use it is gone. Nothing
 * can be done with it from then on, as its number may be another's.
 */
export class OpenSocket {
  readonly system: System;
  readonly network: GuestNetwork;
  readonly readable: Readiness;
  readonly writable: Readiness;
  readonly #handle: number;
  #users = 1;

  constructor(components: { system: System; network: GuestNetwork }, handle: number) {
    this.system = components.system;
    this.network = components.network;
    this.#handle = handle;
    this.readable = this.#readinessTo('read');
    this.writable = this.#readinessTo('write');
  }

  /** @throws {GuestTrap} where it is closed */
  get handle(): number {
    this.#throwIfClosed();
    return this.#handle;
  }

  /** A connection that this socket accepted. */
  another(handle: number): OpenSocket {
    return new OpenSocket(this, handle);
  }

  /** @throws {GuestTrap} where it is closed */
  retain(): this {
    this.#throwIfClosed();
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.system.streams.close(this.#handle);
  }

  #throwIfClosed(): void {
    if (this.#users <= 0) throw new GuestTrap('Cannot use a socket: it is closed');
  }

  #readinessTo(direction: 'read' | 'write'): Readiness {
    const readiness = handleReadiness(this.system, this.#handle, direction);
    const whileOpen = () => {
      this.#throwIfClosed();
      return readiness;
    };
    return { ready: () => whileOpen().ready(), source: () => whileOpen().source() };
  }
}
