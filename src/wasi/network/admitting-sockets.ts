import type { NetworkSockets } from '../system/network-sockets.ts';
import type { Sockets } from '../system/sockets.ts';
import type { Handle, System } from '../system/system.ts';
import type { Routes } from './routes.ts';

export interface AdmittingComponents {
  readonly sockets: Pick<NetworkSockets, 'endpoint'>;
  readonly routes: Routes;
}

/**
 * A system whose listeners give out only connections that may come in: others have been made by the
 * kernel when they are seen, and are closed before the guest hears of them.
 */
export function withAdmission(system: System, components: AdmittingComponents): System {
  if (!components.routes.areGuarded) return system;
  return { ...system, sockets: new AdmittingSockets(system, components) };
}

class AdmittingSockets implements Sockets {
  readonly #system: System;
  readonly #components: AdmittingComponents;

  constructor(system: System, components: AdmittingComponents) {
    this.#system = system;
    this.#components = components;
  }

  get truncated(): boolean {
    return this.#system.sockets.truncated;
  }

  accept(listener: Handle, nonblock: boolean): Handle {
    for (;;) {
      const handle = this.#system.sockets.accept(listener, nonblock);
      if (handle < 0 || this.#admits(handle)) return handle;
      this.#system.streams.close(handle);
    }
  }

  receive(...args: Parameters<Sockets['receive']>): number {
    return this.#system.sockets.receive(...args);
  }

  send(...args: Parameters<Sockets['send']>): number {
    return this.#system.sockets.send(...args);
  }

  shutdown(handle: Handle, how: number): number {
    return this.#system.sockets.shutdown(handle, how);
  }

  /** One whose ends cannot be told is gone already. */
  #admits(handle: Handle): boolean {
    const { sockets, routes } = this.#components;
    const [local, remote] = [sockets.endpoint(handle, 'local'), sockets.endpoint(handle, 'remote')];
    if (typeof local === 'number' || typeof remote === 'number') return false;
    return routes.admits({ protocol: 'TCP', address: remote.address, port: local.port });
  }
}
