import { type ProcessEnd, reapChild } from '../../wasi/libc/process.ts';

/**
 * Waits for forked children, which Node knows nothing of, and only for those: Node's own are left
 * to it. One SIGCHLD may stand for several ends, so each looks at all children.
 */
export class Reaper implements Disposable {
  readonly #ends = new Map<number, (end: ProcessEnd) => void>();
  readonly #reap = () => {
    for (const [pid, resolve] of this.#ends) this.#reapIfEnded(pid, resolve);
  };

  constructor() {
    process.on('SIGCHLD', this.#reap);
  }

  /** Resolves with the end of a child, which may have ended already. */
  async endOf(pid: number): Promise<ProcessEnd> {
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    this.#ends.set(pid, resolve);
    this.#reapIfEnded(pid, resolve);
    return await promise;
  }

  [Symbol.dispose](): void {
    process.off('SIGCHLD', this.#reap);
  }

  #reapIfEnded(pid: number, resolve: (end: ProcessEnd) => void): void {
    const end = reapChild(pid);
    if (end === 'running') return;
    this.#ends.delete(pid);
    if (typeof end === 'number') throw new Error(`Cannot wait for process ${pid}: errno ${-end}`);
    resolve(end);
  }
}
