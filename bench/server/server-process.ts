import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A server in a process of its own, so that its clients take neither its time nor its memory. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  /** @param args what `kubelet-main.ts` or `plain-main.ts` takes */
  static async start(
    main: 'kubelet-main' | 'plain-main',
    args: readonly string[],
  ): Promise<ServerProcess> {
    const child = fork(path.join(import.meta.dirname, `${main}.ts`), args, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const failed = once(child, 'exit').then(() => {
      throw new Error(`Cannot start ${main}: it has ended`);
    });
    const [port] = await Promise.race([once(child, 'message'), failed]);
    failed.catch(() => {}); // it ends when it is told to
    return new ServerProcess(child, port);
  }

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Memory that it has in use. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
