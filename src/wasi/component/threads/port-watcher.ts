import type { MessagePort } from 'node:worker_threads';
import type { Handle } from '../../system/system.ts';
import type { Watcher } from '../../system/watcher.ts';

/** What a thread asks the one that watches for it; that one tells it of a handle by the id. */
type Request =
  | {
      readonly kind: 'watch';
      readonly id: number;
      readonly handle: Handle;
      readonly direction: 'read' | 'write';
    }
  | { readonly kind: 'forget'; readonly id: number };

/** Has another thread of the process watch, which the kernel tells: the one behind the port. */
export class PortWatcher implements Watcher {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, () => void>();
  #lastId = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (id: number) => this.#tell(id));
  }

  watch(handle: Handle, direction: 'read' | 'write', tell: () => void): () => void {
    const id = ++this.#lastId;
    this.#waiting.set(id, tell);
    this.#ask({ kind: 'watch', id, handle, direction });
    return () => {
      if (this.#waiting.delete(id)) this.#ask({ kind: 'forget', id });
    };
  }

  #tell(id: number): void {
    const tell = this.#waiting.get(id);
    this.#waiting.delete(id);
    tell?.();
  }

  readonly #ask = (request: Request): void => this.#port.postMessage(request);
}

/** Watches for the `PortWatcher` at the other end of a port, for as long as that is open. */
export function watchFor(port: MessagePort, watcher: Watcher): void {
  const ends = new Map<number, () => void>();
  port.on('message', (request: Request) => {
    const { id } = request;
    if (request.kind === 'watch') {
      const tell = () => {
        ends.delete(id);
        port.postMessage(id);
      };
      ends.set(id, watcher.watch(request.handle, request.direction, tell));
      return;
    }
    ends.get(id)?.();
    ends.delete(id);
  });
  port.on('close', () => {
    for (const end of ends.values()) end();
  });
  port.unref();
}
