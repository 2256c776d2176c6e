import type { System } from '../../system/system.ts';
import { handleReadiness } from '../io/handle-readiness.ts';
import type { Readiness } from '../io/readiness.ts';
import type { GuestNetwork } from './guest-network.ts';

/** A socket of the system; closed when the last of the guest's resources that use it is gone. */
export class OpenSocket {
  readonly system: System;
  readonly network: GuestNetwork;
  readonly handle: number;
  readonly readable: Readiness;
  readonly writable: Readiness;
  #users = 1;

  constructor(components: { system: System; network: GuestNetwork }, handle: number) {
    this.system = components.system;
    this.network = components.network;
    this.handle = handle;
    this.readable = handleReadiness(this.system, handle, 'read');
    this.writable = handleReadiness(this.system, handle, 'write');
  }

  /** A connection that this socket accepted. */
  another(handle: number): OpenSocket {
    return new OpenSocket(this, handle);
  }

  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.system.streams.close(this.handle);
  }
}
