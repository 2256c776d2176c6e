import type { RequestServer } from '../../wasi/component/http/request-server.ts';
import { acceptConnection, stopConnections } from '../../wasi/libc/listening-socket.ts';
import type { HttpSpec } from '../container-spec.ts';
import { openListener } from './open-listener.ts';

/** The sockets at which a container serves HTTP: one at each of its addresses. */
export class HttpListeners {
  readonly #descriptors: readonly number[];

  /** @throws {SandboxError} which says what stands in the way */
  constructor({ address, otherAddresses = [], port }: HttpSpec['listen']) {
    this.#descriptors = [address, ...otherAddresses].map((each) =>
      openListener({ address: each, port }),
    );
  }

  /** Has a server take them over. */
  async giveTo(server: RequestServer): Promise<void> {
    for (const fd of this.#descriptors) {
      await server.listen({ fd, accept: () => acceptConnection(fd) });
    }
  }

  /** See {@link stopConnections}. */
  stop(): void {
    for (const fd of this.#descriptors) stopConnections(fd);
  }
}
